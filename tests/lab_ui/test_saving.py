import re

import pytest
from playwright.sync_api import Locator, expect

from tests.lab_ui.lab import DRIVE, Person

TEXT = "written by hand"


@pytest.fixture
def unsaved(person: Person) -> Person:
    """A person with an edit in a file whose drive has just become read only."""
    (person.server.home / DRIVE / "notes.md").write_text("first\n")
    person.opens(f"{DRIVE}/notes.md")
    editor = person.page.locator(".jp-FileEditor .cm-content")
    editor.click()
    person.page.keyboard.type(TEXT)
    return person


def closed(person: Person) -> None:
    person.server.say(drives=[{"name": DRIVE, "access": "read"}])


def failed_save(person: Person) -> Locator:
    closed(person)
    person.page.keyboard.press("Control+s")
    return person.is_told("Could not save notes.md")


def test_a_failed_save_says_why_and_keeps_the_edit(unsaved: Person) -> None:
    told = failed_save(unsaved)

    expect(told).to_contain_text("Your edit is kept in this tab.")
    expect(told).to_contain_text("You may read this drive, not write to it.")
    expect(unsaved.page.locator(".jp-Dialog")).to_have_count(0)
    expect(unsaved.page.locator(".jp-FileEditor .cm-content")).to_contain_text(TEXT)
    unsaved.page.wait_for_timeout(6000)
    expect(told).to_be_visible()


def test_trying_again_saves_and_takes_the_message_away(unsaved: Person) -> None:
    told = failed_save(unsaved)
    unsaved.server.say()

    told.get_by_role("button", name="Try again").click()

    expect(unsaved.page.locator(".Toastify__toast")).to_have_count(0)
    saved = unsaved.server.home / DRIVE / "notes.md"
    expect(unsaved.page.locator(".jp-mod-dirty")).to_have_count(0)
    assert TEXT in saved.read_text()


def test_trying_again_in_vain_says_so_again(unsaved: Person) -> None:
    told = failed_save(unsaved)

    told.get_by_role("button", name="Try again").click()

    unsaved.is_told("Could not save notes.md")


def test_a_copy_can_be_saved_in_the_home(unsaved: Person) -> None:
    told = failed_save(unsaved)

    told.get_by_role("button", name="Save a copy in my home").click()

    unsaved.is_told("Saved a copy in your home: notes (copy).md")
    copy = unsaved.server.home / "notes (copy).md"
    assert TEXT in copy.read_text()
    copy.unlink()


def test_an_unreachable_server_is_named(unsaved: Person) -> None:
    unsaved.page.route("**/api/contents/**", lambda route: route.abort())
    unsaved.page.keyboard.press("Control+s")

    told = unsaved.is_told("Could not save notes.md")
    expect(told).to_contain_text("The server cannot be reached.")


def test_unsaved_files_are_saved_before_a_stop(unsaved: Person) -> None:
    unsaved.chooses_in_file_menu("Stop my server")
    dialog = unsaved.page.locator(".jp-Dialog-content")
    expect(dialog).to_contain_text("Save 1 unsaved file first")

    dialog.get_by_role("button", name="Stop my server").click()

    expect(unsaved.page).to_have_url(re.compile("/workspaces/malaria/$"))
    assert TEXT in (unsaved.server.home / DRIVE / "notes.md").read_text()


def test_a_stop_waits_when_a_file_cannot_be_saved(unsaved: Person) -> None:
    closed(unsaved)
    unsaved.chooses_in_file_menu("Stop my server")
    dialog = unsaved.page.locator(".jp-Dialog-content")

    dialog.get_by_role("button", name="Stop my server").click()

    unsaved.is_told("Could not save notes.md")
    assert unsaved.server.asked == []
