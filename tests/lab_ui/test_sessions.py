import re

from playwright.sync_api import expect

from tests.lab_ui.lab import Person


def test_the_mark_leads_back_to_the_workspace(person: Person) -> None:
    link = person.page.get_by_role("link", name="Back to workspace Malaria")

    expect(link).to_have_attribute("href", "/workspaces/malaria/")
    expect(link).to_have_text("Malaria")


def test_the_file_menu_leads_back_to_the_workspace(person: Person) -> None:
    person.chooses_in_file_menu("Back to workspace Malaria")

    expect(person.page).to_have_url(re.compile("/workspaces/malaria/$"))


def test_stopping_says_what_is_kept_and_leaves(person: Person) -> None:
    person.chooses_in_file_menu("Stop my server")
    dialog = person.page.locator(".jp-Dialog-content")
    expect(dialog).to_contain_text("Saved files are kept")

    dialog.get_by_role("button", name="Stop my server").click()

    expect(person.page).to_have_url(re.compile("/workspaces/malaria/$"))
    assert person.server.asked == ["stop"]


def test_stopping_can_be_cancelled(person: Person) -> None:
    person.chooses_in_file_menu("Stop my server")
    person.page.locator(".jp-Dialog-content").get_by_role(
        "button", name="Cancel"
    ).click()

    expect(person.page.locator(".jp-Dialog")).to_have_count(0)
    assert person.server.asked == []


def test_a_refused_stop_says_so_and_stays(person: Person) -> None:
    person.page.route(
        "**/hexa/stop**",
        lambda route: route.fulfill(status=503, json={"message": "The hub is away."}),
    )
    person.chooses_in_file_menu("Stop my server")
    person.page.locator(".jp-Dialog-content").get_by_role(
        "button", name="Stop my server"
    ).click()

    person.is_told("The hub is away.")


def test_a_restart_reloads_the_page_when_another_server_answers(person: Person) -> None:
    person.chooses_in_file_menu("Restart my server")
    person.page.locator(".jp-Dialog-content").get_by_role(
        "button", name="Restart my server"
    ).click()
    waiting = person.page.locator(".jp-Dialog-content")
    expect(waiting).to_contain_text("reloads by itself")

    with person.page.expect_navigation():
        person.page.route(
            "**/api/status**",
            lambda route: route.fulfill(json={"started": "2100-01-01T00:00:00Z"}),
        )
    assert person.server.asked == ["restart"]


def test_restart_and_stop_are_in_the_palette(person: Person) -> None:
    person.page.keyboard.press("Control+Shift+C")
    palette = person.page.locator("#modal-command-palette, .lm-CommandPalette")
    palette.locator("input").first.fill("my server")

    expect(palette.get_by_text("Restart my server").first).to_be_visible()
    expect(palette.get_by_text("Stop my server").first).to_be_visible()
