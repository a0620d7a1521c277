from datetime import UTC, datetime

from playwright.sync_api import expect

from tests.lab_ui.lab import CLOSED_DRIVE, DRIVE, Person

SOON = datetime(2030, 1, 1, 12, 30, tzinfo=UTC).isoformat()


def test_an_idle_server_warns_and_can_be_kept(person: Person) -> None:
    person.server.say(stop_warning={"stops_at": SOON})
    person.looks_away_and_back()
    warning = person.is_told("Your server stops at")

    person.server.say()
    warning.get_by_role("button", name="Keep running").click()

    person.is_told("Your server keeps running.")
    assert person.server.asked == ["keep"]


def test_a_warning_goes_when_its_reason_goes(person: Person) -> None:
    person.server.say(stop_warning={"stops_at": SOON})
    person.looks_away_and_back()
    warning = person.is_told("Your server stops at")

    person.server.say()
    person.looks_away_and_back()

    expect(warning).to_have_count(0)


def test_a_new_drive_is_announced_and_listed(person: Person) -> None:
    drives = [
        {"name": DRIVE, "access": "write"},
        {"name": CLOSED_DRIVE, "access": "read"},
    ]
    (person.server.home / "s3:fresh").mkdir(exist_ok=True)
    person.server.say(drives=[*drives, {"name": "s3:fresh", "access": "read"}])

    person.looks_away_and_back()

    person.is_told("New drive: s3:fresh. You can read it, not change it.")
    expect(person.item("s3:fresh")).to_be_visible()


def test_changed_and_withdrawn_access_are_announced(person: Person) -> None:
    person.server.say(drives=[{"name": CLOSED_DRIVE, "access": "write"}])

    person.looks_away_and_back()

    person.is_told(f"You no longer have access to {DRIVE}.")
    person.is_told(f"You can now write to {CLOSED_DRIVE}.")


def test_a_kill_is_told_once(person: Person) -> None:
    person.server.say(
        last_kill={
            "at": SOON,
            "cause": "memory",
            "message": "A kernel took all the memory.",
        }
    )
    person.looks_away_and_back()
    told = person.is_told("A kernel took all the memory.")

    person.page.reload()

    person.opens()
    expect(person.item(DRIVE)).to_be_visible()
    expect(told).to_have_count(0)


def test_why_a_kernel_died_is_asked_at_once(person: Person) -> None:
    kill = {"at": SOON, "cause": "memory", "message": "The memory was used up."}
    person.server.say(last_kill=kill)
    person.page.locator(".jp-LauncherCard[title^='Python 3']").first.click()
    cell = person.page.locator(".jp-Notebook .cm-content").first
    cell.click()
    person.page.keyboard.insert_text("import os; os.kill(os.getpid(), 9)")
    # Not the mark in the toolbar: it is idle before there is a kernel, too.
    ready = person.page.get_by_text("Python 3 (ipykernel) | Idle")
    expect(ready).to_be_visible(timeout=20_000)
    cell.press("Control+Enter")
    told = person.page.locator(".Toastify__toast", has_text="The memory was used up.")
    # Sooner than the next regular look.
    expect(told).to_be_visible(timeout=15_000)
    person.page.locator(".jp-Dialog").get_by_role("button", name="Ok").click()


def test_a_read_only_drive_says_so(person: Person) -> None:
    caption = person.item(CLOSED_DRIVE).locator("[data-hexa-caption]")
    expect(caption).to_have_attribute("data-hexa-caption", "read only")
    expect(person.item(DRIVE).locator("[data-hexa-caption]")).to_have_count(0)

    person.enters(CLOSED_DRIVE)
    expect(person.page.get_by_text("Read only: you can open and copy")).to_be_visible()
