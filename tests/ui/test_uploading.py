"""Uploading as a person sees it, against a store in memory that can be made to fail."""

from typing import Any

import httpx
from playwright.sync_api import Dialog, FilePayload, Page, Route, expect

from tests.ui.opening import Open
from tests.ui.uploads import PART_SIZE as PART

DONE = ".upload-row[data-state=done]"


def store(site: str, query: str = "") -> dict[str, Any]:
    found: dict[str, Any] = httpx.get(f"{site}/control/?{query}").json()
    return found


def payload(name: str, content: bytes) -> FilePayload:
    return {"name": name, "mimeType": "text/csv", "buffer": content}


def pick(page: Page, name: str, size: int) -> None:
    page.set_input_files("hexa-upload input[type=file]", payload(name, b"x" * size))


def drop_many(page: Page, count: int) -> None:
    """As a folder that is dropped, only without the folder on the disk."""
    page.evaluate(
        """(count) => {
            const transfer = new DataTransfer();
            for (let at = 0; at < count; at += 1) {
                transfer.items.add(new File([`${at}`], `many-${at}.csv`));
            }
            const dropped = new DragEvent('drop', { bubbles: true });
            Object.defineProperty(dropped, 'dataTransfer', { value: transfer });
            document.body.dispatchEvent(dropped);
        }""",
        count,
    )


def test_a_file_of_several_parts_arrives_whole(open_page: Open, site: str) -> None:
    page = open_page("/upload/")
    page.evaluate(
        "document.addEventListener('hexa-uploaded',"
        " (event) => { window.uploaded = event.detail.name })"
    )
    pick(page, "large.csv", 5 * PART + 17)
    expect(page.locator(DONE)).to_contain_text("uploaded: 327,697 bytes stored")
    assert store(site)["finished"]["large.csv"] == 5 * PART + 17
    assert page.evaluate("window.uploaded") == "large.csv"
    expect(page.get_by_role("status").first).to_contain_text("Files uploaded: 1")
    page.get_by_role("button", name="Dismiss").click()
    expect(page.locator(".upload-panel")).to_be_hidden()


def test_an_empty_file_arrives_too(open_page: Open, site: str) -> None:
    page = open_page("/upload/")
    pick(page, "empty.csv", 0)
    expect(page.locator(DONE)).to_be_visible()
    assert store(site)["finished"]["empty.csv"] == 0


def test_a_failing_store_is_tried_again(open_page: Open, site: str) -> None:
    store(site, "failures=2")
    page = open_page("/upload/")
    pick(page, "large-again.csv", PART + 1)
    expect(page.locator(".upload-row[data-state=down]")).to_be_visible()
    expect(page.locator(DONE)).to_be_visible(timeout=15000)
    assert store(site)["finished"]["large-again.csv"] == PART + 1


def test_what_is_altered_on_the_way_is_found_out_and_sent_again(
    open_page: Open, site: str
) -> None:
    page = open_page("/upload/")
    altered: list[str] = []

    def alter(route: Route) -> None:
        if altered:
            route.continue_()
            return
        altered.append(route.request.url)
        route.continue_(post_data=b"y" * PART)

    page.route("**/store/large-altered.csv/1", alter)
    pick(page, "large-altered.csv", 2 * PART)
    expect(page.locator(DONE)).to_be_visible()
    assert len(altered) == 1
    assert store(site)["finished"]["large-altered.csv"] == 2 * PART


def test_where_every_sending_is_altered_it_says_so(open_page: Open, site: str) -> None:
    page = open_page("/upload/")
    page.route("**/store/**", lambda route: route.continue_(post_data=b"bad"))
    pick(page, "garbled.csv", 9)
    failed = page.locator(".upload-row[data-state=failed]")
    expect(failed).to_contain_text("something on the way alters it")
    page.unroute("**/store/**")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator(DONE)).to_be_visible()
    assert store(site)["finished"]["garbled.csv"] == 9


def test_where_the_store_is_out_of_reach_it_goes_through_the_platform(
    open_page: Open, site: str
) -> None:
    page = open_page("/upload/")
    page.route("**/store/**", lambda route: route.abort("connectionrefused"))
    pick(page, "large-around.csv", 2 * PART)
    expect(page.locator(DONE)).to_be_visible(timeout=15000)
    assert store(site)["finished"]["large-around.csv"] == 2 * PART


def test_what_was_picked_before_the_code_arrived_is_sent(
    open_page: Open, site: str
) -> None:
    page = open_page("/ui/")
    held: list[Route] = []
    page.route("**/*.js", lambda route: held.append(route))  # noqa: PLW0108
    page.goto(f"{site}/upload/", wait_until="commit")
    pick(page, "early.csv", PART + 1)
    while not held:
        page.wait_for_timeout(50)
    page.unroute("**/*.js")  # which lets go of what was held
    expect(page.locator(DONE)).to_be_visible()
    assert store(site)["finished"]["early.csv"] == PART + 1


def test_pausing_holds_and_resuming_goes_on(open_page: Open, site: str) -> None:
    store(site, "gate=shut")
    page = open_page("/upload/")
    pick(page, "large-paused.csv", 2 * PART)
    page.get_by_role("button", name="Pause:").click()
    expect(page.locator(".upload-row")).to_contain_text("paused")
    store(site, "gate=open")
    assert "large-paused.csv" not in store(site)["finished"]
    page.get_by_role("button", name="Resume:").click()
    expect(page.locator(DONE)).to_be_visible()


def test_many_are_paused_and_resumed_at_once(open_page: Open, site: str) -> None:
    store(site, "gate=shut")
    page = open_page("/upload/")
    files = [payload(f"all-{number}.csv", b"x") for number in range(9)]
    page.set_input_files("hexa-upload input[type=file]", files)
    page.get_by_role("button", name="Pause all").click()
    store(site, "gate=open")
    page.get_by_role("button", name="Resume all").click()
    expect(page.locator(".upload-sum")).to_contain_text("Files uploaded: 9")


def test_leaving_while_it_sends_asks_first(open_page: Open, site: str) -> None:
    store(site, "gate=shut")
    page = open_page("/upload/")
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    pick(page, "leaving.csv", PART)
    expect(page.locator(".upload-row")).to_be_visible()
    page.click("h1")  # browsers ask only where a person has acted
    page.close(run_before_unload=True)
    expect(page.locator(".upload-row")).to_be_visible()
    store(site, "gate=open")
    assert asked == ["beforeunload"]


def test_cancelling_tells_the_store(open_page: Open, site: str) -> None:
    store(site, "gate=shut")
    page = open_page("/upload/")
    pick(page, "large-cancelled.csv", PART)
    with page.expect_response("**/upload/cancel/"):
        page.get_by_role("button", name="Cancel:").click()
    expect(page.locator(".upload-row")).to_have_count(0)
    store(site, "gate=open")
    assert "large-cancelled.csv" in store(site)["cancelled"]


def test_cancelling_before_the_answer_came_tells_the_store_too(
    open_page: Open, site: str
) -> None:
    store(site, "gate=shut")
    page = open_page("/upload/")
    held: list[Route] = []
    page.route("**/offer/", lambda route: held.append(route))  # noqa: PLW0108
    pick(page, "large-early.csv", PART)
    while not held:
        page.wait_for_timeout(50)
    page.get_by_role("button", name="Cancel:").click()
    with page.expect_response("**/upload/cancel/"):
        held[0].continue_()
    store(site, "gate=open")
    assert "large-early.csv" in store(site)["cancelled"]


def test_a_refusal_is_told_in_its_words(open_page: Open) -> None:
    page = open_page("/upload/")
    pick(page, ".hidden", 3)
    expect(page.locator(".upload-row[data-state=failed]")).to_contain_text(
        "Could not upload. Hidden names are refused."
    )


def test_bad_names_are_told_first_and_the_others_go(open_page: Open, site: str) -> None:
    page = open_page("/upload/")
    files = [payload(".bad.csv", b"1"), payload("good.csv", b"2")]
    page.set_input_files("hexa-upload input[type=file]", files)
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text(".bad.csv Hidden names are refused.")
    assert "good.csv" not in store(site)["finished"]
    dialog.get_by_role("button", name="Send the others: 1").click()
    expect(page.locator(DONE)).to_have_count(1)
    assert "good.csv" in store(site)["finished"]


def test_a_taken_name_asks_and_the_same_file_does_not(
    open_page: Open, site: str
) -> None:
    page = open_page("/upload/")
    names = ("same.csv", "one.csv", "two.csv", "three.csv")
    first = [payload(name, name.encode()) for name in names]
    page.set_input_files("hexa-upload input[type=file]", first)
    expect(page.locator(DONE)).to_have_count(4)
    again = [first[0], *(payload(name, b"changed") for name in names[1:])]
    page.set_input_files("hexa-upload input[type=file]", again)
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("“one.csv” is there already")
    dialog.get_by_role("button", name="Skip").click()
    expect(dialog).to_contain_text("“two.csv” is there already")
    dialog.get_by_label("Do the same for all others").check()
    dialog.get_by_role("button", name="Keep both").click()
    expect(page.locator(".upload-row[data-state=same]")).to_contain_text("same.csv")
    expect(page.locator(".upload-row[data-state=skipped]")).to_contain_text("one.csv")
    expect(page.locator(DONE)).to_have_count(2)
    found = store(site)["finished"]
    assert {"two.csv (2)", "three.csv (2)"} <= found.keys()
    assert found["one.csv"] == len("one.csv")


def test_ten_thousand_files_cost_a_few_rows_and_requests(
    open_page: Open, site: str
) -> None:
    """A thousand here, to be done soon; what is counted grows with the hundreds."""
    before = store(site)["asked"]
    page = open_page("/upload/")
    store(site, "gate=shut")
    drop_many(page, 1_000)
    expect(page.locator(".upload-sum")).to_contain_text("of 1,000 files")
    expect(page.locator(".upload-more")).to_contain_text("more waiting")
    assert page.locator(".upload-row").count() <= 30
    store(site, "gate=open")
    expect(page.locator(".upload-sum")).to_contain_text(
        "Files uploaded: 1,000", timeout=60_000
    )
    spent = {
        name: count - before.get(name, 0)
        for name, count in store(site)["asked"].items()
    }
    assert spent == {"check": 1, "offer": 10, "stored": 10, "put": 1_000}
