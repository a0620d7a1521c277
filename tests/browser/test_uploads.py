"""Uploading on the real platform, as a person on a bad line with many files does it."""

import contextlib
import hashlib
import os
import re
import secrets
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from hexa.backends.storage.s3 import S3
from hexa.backends.storage.seaweedfs import ROLE_ARN
from tests.platforms import Platform
from tests.stores import KEY, RunningStore
from tests.ui.test_every_page_is_usable import barriers

pytestmark = [pytest.mark.timeout(300), pytest.mark.usefixtures("in_english")]

MIB = 2**20
FILES = "/workspaces/demo/files/s3:demo/"
PICK = "hexa-upload input[type=file]"
OVER = ".upload-panel[data-state=done]"
# `make bench` sends 2 GB the same way, without cuts.
LARGE = 512 * MIB

WORDS = {
    "en": {"replace": "Replace", "both": "Keep both", "stored": "stored, verified"},
    "fr": {"replace": "Remplacer", "both": "Garder les deux", "stored": "stockés et"},
}


def large_file(path: Path, size: int) -> Path:
    """Mostly nothing, and different everywhere."""
    with path.open("wb") as file:
        for at in range(0, size, 8 * MIB):
            file.seek(at)
            file.write(os.urandom(64 * 1024))
        file.truncate(size)
    return path


def store_of(platform: Platform) -> S3:
    installation = platform.installation
    return S3(
        endpoint=f"http://127.0.0.1:{installation.ports.store_s3}",
        region="us-east-1",
        access_key_id=installation.secret("store-admin-id"),
        secret_access_key=installation.secret("store-admin-secret"),
        role_arn=ROLE_ARN,
        origin=platform.url,
    )


def stored_sum(platform: Platform, key: str) -> str:
    found = hashlib.sha256()
    for chunk in store_of(platform).stream("demo", key):
        found.update(chunk)
    return found.hexdigest()


def sum_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def parts_sent(page: Page) -> list[str]:
    """Grows with each part that the store has taken."""
    sent: list[str] = []
    page.on(
        "response",
        lambda response: (
            sent.append(response.url)
            if "partNumber=" in response.url and response.status == 200
            else None
        ),
    )
    return sent


def wait_for_more(page: Page, sent: list[str], count: int) -> None:
    enough = len(sent) + count
    while len(sent) < enough:
        page.wait_for_timeout(20)


def test_a_large_file_survives_two_cuts_and_a_reload(
    admin: BrowserContext, running_platform: Platform, tmp_path: Path
) -> None:
    source = large_file(tmp_path / "relevés 2026.bin", LARGE)
    page = admin.new_page()
    page.set_default_timeout(60_000)
    page.on("dialog", lambda dialog: dialog.accept())
    sent = parts_sent(page)
    page.goto(FILES)
    page.set_input_files(PICK, source)
    wait_for_more(page, sent, 6)

    admin.set_offline(True)
    expect(page.locator(".upload-row[data-state=lost]")).to_be_visible(timeout=30_000)
    admin.set_offline(False)
    wait_for_more(page, sent, 6)

    psutil.Process(running_platform.pid_of("front")).kill()
    wait_for_more(page, sent, 6)

    page.reload()
    row = page.locator("[data-unfinished]")
    expect(row).to_contain_text(source.name)
    before = len(sent)
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url))
    page.set_input_files(PICK, source)
    expect(page.locator(OVER)).to_contain_text(
        "536,870,912 bytes stored, verified", timeout=120_000
    )
    expect(row).to_have_count(0)
    assert len(sent) - before < LARGE // (8 * MIB) - 12
    # The links of parts that follow soon came with that of another.
    links = [url for url in asked if url.endswith("/uploads/part/")]
    assert 0 < len(links) < (len(sent) - before) / 2
    assert stored_sum(running_platform, source.name) == sum_of(source)
    assert len(store_of(running_platform).versions("demo", source.name).versions) == 1
    page.close()


def make_tree(root: Path) -> dict[str, bytes]:
    """What it holds, by path from the parent of `root` down."""
    tree = {
        "a.csv": b"a,b\n1,2\n",
        "empty.txt": b"",
        f"{unicodedata.normalize('NFC', 'été')}/50% #1+?.csv": b"composed",
        f"{unicodedata.normalize('NFD', 'août')}/it's.csv": b"decomposed",
        "deep/er/and deeper/Case.csv": b"upper",
        "deep/er/and deeper/case.csv": b"lower",
        **{f"many/{number:03}.txt": b"%d" % number for number in range(120)},
    }
    for name, content in tree.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return {f"{root.name}/{name}": content for name, content in tree.items()}


def drop(page: Page, path: Path) -> None:
    expect(page.locator("hexa-upload:defined")).to_have_count(1)
    drag_in(page, path)


def drag_in(page: Page, path: Path) -> None:
    """As from the desktop: the browser itself walks the folder."""
    session = page.context.new_cdp_session(page)
    data = {"items": [], "files": [str(path)], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "drop"):
        told = {"type": kind, "x": 600, "y": 400, "data": data}
        session.send("Input.dispatchDragEvent", told)
    session.detach()


TAKES_FILES = """() => {
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File([], "x"));
  return !document.dispatchEvent(
    new DragEvent("dragover", { cancelable: true, dataTransfer }));
}"""


def test_what_is_dropped_before_the_page_is_ready_is_kept_for_it(
    admin: BrowserContext, running_platform: Platform, tmp_path: Path
) -> None:
    source = tmp_path / "early.csv"
    source.write_bytes(b"a,b\n1,2\n")
    page, held = admin.new_page(), list[Route]()

    def hold(route: Route) -> None:
        held.append(route)

    page.route(re.compile(r"/static/ui/app\..*js"), hold)
    page.goto(FILES, wait_until="commit")
    page.wait_for_function(TAKES_FILES)
    drag_in(page, source)
    assert page.url.endswith(FILES)
    for route in held:
        route.continue_()
    expect(page.locator(OVER)).to_contain_text("stored", timeout=60_000)
    assert stored_sum(running_platform, source.name) == sum_of(source)
    page.close()


@pytest.mark.parametrize(("language", "how"), [("en", "picked"), ("fr", "dropped")])
def test_a_folder_arrives_as_it_is_and_overwrites_nothing_unseen(
    admin: BrowserContext,
    running_platform: Platform,
    tmp_path: Path,
    language: str,
    how: str,
) -> None:
    root, words = tmp_path / f"tree {how}", WORDS[language]
    expected = make_tree(root)
    cookie = {"name": "hexa_language", "value": language, "url": running_platform.url}
    admin.add_cookies([cookie])  # type: ignore[list-item] # its names
    page = admin.new_page()
    page.goto(FILES)

    def give() -> None:
        if how == "picked":
            page.locator(PICK).nth(1).set_input_files(root)
        else:
            drop(page, root)

    give()
    expect(page.locator(OVER)).to_contain_text(words["stored"], timeout=60_000)
    expect(page.get_by_role("link", name=root.name)).to_be_visible()
    store = store_of(running_platform)
    found = store.list_keys("demo", f"{root.name}/").objects
    assert {one.key: one.size_bytes for one in found} == {
        key: len(content) for key, content in expected.items()
    }

    # The same again: two were changed since, the others need not be sent.
    for name in ("a.csv", "empty.txt"):
        (root / name).write_bytes(b"changed")
    give()
    dialog = page.get_by_role("dialog")
    choices = {"a.csv": "both", "empty.txt": "replace"}
    for _ in range(2):  # in whatever order the browser walks a folder
        expect(dialog).to_contain_text(re.compile("|".join(choices)), timeout=30_000)
        name = next(name for name in choices if name in dialog.inner_text())
        dialog.get_by_role("button", name=words[choices.pop(name)]).click()
    # The panel may still say that the first time is over: the store tells of the second.
    beside = f"{root.name}/a (2).csv"
    for _ in range(600):
        sizes = [
            one.size_bytes
            for one in store.versions_of("demo", f"{root.name}/empty.txt").versions
        ]
        if sizes == [7, 0] and store.list_keys("demo", beside).objects:
            break
        page.wait_for_timeout(100)
    assert sizes == [7, 0]
    expect(page.locator(OVER)).to_be_visible(timeout=60_000)
    assert store.read("demo", f"{root.name}/a.csv", length=99) == b"a,b\n1,2\n"
    assert store.read("demo", beside, length=99) == b"changed"
    assert len(store.list_keys("demo", f"{root.name}/").objects) == len(expected) + 1
    page.close()


def test_through_the_platform_nothing_is_held_whole(
    admin: BrowserContext, running_platform: Platform, tmp_path: Path
) -> None:
    """Where the browser cannot reach the store: by way of the web, a piece at a time."""
    source = large_file(tmp_path / "around.bin", 96 * MIB)
    page = admin.new_page()
    page.route("**/store/**", lambda route: route.abort("connectionrefused"))
    page.goto(FILES)
    web = psutil.Process(running_platform.pid_of("web"))
    processes = [web, *web.children(recursive=True)]
    highest = before = sum(one.memory_info().rss for one in processes)
    page.set_input_files(PICK, source)
    while not page.locator(OVER).count():
        highest = max(highest, sum(one.memory_info().rss for one in processes))
        page.wait_for_timeout(50)
    assert highest - before < 48 * MIB
    assert stored_sum(running_platform, source.name) == sum_of(source)
    page.close()


def test_whoever_is_signed_out_loses_nothing_and_goes_on(
    admin: BrowserContext, running_platform: Platform, tmp_path: Path
) -> None:
    source = large_file(tmp_path / "signed-out.bin", 64 * MIB)
    page = admin.new_page()
    page.goto(FILES)
    held: list[Route] = []
    page.route("**/uploads/part/", lambda route: held.append(route))  # noqa: PLW0108
    page.set_input_files(PICK, source)
    while not held:
        page.wait_for_timeout(20)
    kept = [one for one in admin.cookies() if one["name"] == "hexa_session"]
    admin.clear_cookies(name="hexa_session")
    page.unroute("**/uploads/part/")
    row = page.locator(".upload-row[data-state=signed-out]")
    expect(row).to_contain_text(re.compile("signed out|déconnecté"), timeout=20_000)
    admin.add_cookies(kept)  # type: ignore[arg-type] # the same, as they were given
    page.evaluate("dispatchEvent(new Event('focus'))")
    expect(page.locator(OVER)).to_be_visible(timeout=60_000)
    assert stored_sum(running_platform, source.name) == sum_of(source)
    page.close()


@contextlib.contextmanager
def plain_bucket(page: Page, server: RunningStore) -> Iterator[str]:
    """Connected to the Demo workspace; its owner never asked it to keep versions."""
    store, bucket = server.connect(), f"plain-{secrets.token_hex(4)}"
    store._s3.create_bucket(Bucket=bucket)  # noqa: SLF001 # as its owner made it
    drives = "/workspaces/demo/files/drives"
    page.goto(f"{drives}/connect/")
    page.check("input[name=kind][value=other]")
    page.check("input[name=access][value=write]")
    typed = {
        "bucket": bucket,
        "endpoint": server.endpoint,
        "access_key_id": KEY.id,
        "secret_access_key": KEY.secret,
    }
    for name, value in typed.items():
        page.fill(f"[name={name}]", value)
    page.get_by_role("button", name="Connect", exact=True).click()
    page.goto(f"/workspaces/demo/files/s3:{bucket}/")
    yield bucket
    page.goto(f"{drives}/s3:{bucket}/")
    page.fill("[name=typed]", bucket)
    page.get_by_role("button", name="Disconnect").click()
    page.wait_for_url(re.compile("/drives/$"))
    store.delete_bucket(bucket)


def test_what_would_be_gone_for_good_is_typed_before_it_is_replaced(
    admin: BrowserContext, foreign_server: RunningStore, tmp_path: Path
) -> None:
    store, page = foreign_server.connect(), admin.new_page()
    mine = tmp_path / "relevés.csv"
    mine.write_bytes(b"newer")
    with plain_bucket(page, foreign_server) as bucket:
        store.put(bucket, "relevés.csv", b"old")
        page.set_input_files(PICK, mine)
        dialog = page.locator("dialog[open]")
        expect(dialog).to_contain_text("gone for good")
        replace = dialog.get_by_role("button", name="Replace")
        expect(replace).to_be_disabled()
        field = dialog.get_by_label("type “relevés.csv”")
        field.fill("releves.csv")
        expect(replace).to_be_disabled()
        assert store.read(bucket, "relevés.csv", length=9) == b"old"
        # As a keyboard may compose it.
        field.fill(unicodedata.normalize("NFD", "relevés.csv"))
        assert barriers(page) == []
        replace.click()
        expect(page.locator(OVER)).to_be_visible()
        assert store.read(bucket, "relevés.csv", length=9) == b"newer"
    page.close()


def test_a_name_taken_while_parts_were_sent_is_typed_too(
    admin: BrowserContext, foreign_server: RunningStore, tmp_path: Path
) -> None:
    """And cannot be kept beside: a store without versions cannot rename what it has."""
    source = large_file(tmp_path / "relevés.bin", 24 * MIB)
    store, page = foreign_server.connect(), admin.new_page()
    sent = parts_sent(page)

    def take(route: Route) -> None:
        store.put(bucket, source.name, b"theirs")
        route.continue_()

    with plain_bucket(page, foreign_server) as bucket:
        page.route("**/uploads/complete/", take, times=1)
        page.set_input_files(PICK, source)
        dialog = page.locator("dialog[open]")
        expect(dialog).to_contain_text("gone for good", timeout=60_000)
        expect(dialog).to_contain_text("To keep both, skip it, rename the file")
        expect(dialog.get_by_role("button", name="Keep both")).to_have_count(0)
        assert barriers(page) == []
        dialog.get_by_role("button", name="Skip").click()
        row = page.locator(".upload-row")
        expect(row).to_have_attribute("data-state", "paused")
        row.get_by_role("button", name="Resume").click()
        replace = dialog.get_by_role("button", name="Replace")
        expect(replace).to_be_disabled()
        assert store.read(bucket, source.name, length=9) == b"theirs"
        dialog.get_by_label("type “relevés.bin”").fill("relevés.bin")
        replace.click()
        expect(page.locator(OVER)).to_contain_text("25,165,824 bytes", timeout=60_000)
        assert store.head(bucket, source.name).size_bytes == 24 * MIB
        assert len(sent) == 3  # what had arrived was not sent again
    page.close()
