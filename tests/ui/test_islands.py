"""What needs JavaScript, tried as a person would, by keyboard where one may."""

import pytest
from playwright.sync_api import expect

from tests.ui.opening import Open


class TestPalette:
    def test_finds_a_page_by_its_name_and_goes_there(self, open_page: Open) -> None:
        page = open_page("/ui/")
        page.keyboard.press("Control+k")
        page.keyboard.type("memb")
        expect(page.locator(".palette-hit")).to_have_text(["MembersMalaria team"])
        page.keyboard.press("Enter")
        page.wait_for_url("**/w/malaria-team/members/")

    def test_arrows_move_the_choice(self, open_page: Open) -> None:
        page = open_page("/ui/")
        page.click(".side-search")
        page.wait_for_selector(".palette-hit")
        page.keyboard.press("ArrowDown")
        expect(page.locator(".palette-hit[aria-selected=true]")).to_contain_text(
            "Files"
        )
        page.keyboard.press("Escape")
        expect(page.locator("#palette")).to_be_hidden()

    def test_says_when_nothing_is_found(self, open_page: Open) -> None:
        page = open_page("/ui/")
        page.keyboard.press("Control+k")
        page.keyboard.type("zzzz")
        expect(page.locator(".palette-note")).to_have_text("Nothing found")


class TestShortcuts:
    def test_g_and_a_letter_go_to_a_page(self, open_page: Open) -> None:
        page = open_page("/ui/")
        page.keyboard.type("gf")
        page.wait_for_url("**/w/malaria-team/files/")

    def test_slash_goes_to_the_search_of_the_page(self, open_page: Open) -> None:
        page = open_page("/ui/")
        page.keyboard.press("/")
        expect(page.locator("main input[type=search]")).to_be_focused()

    def test_letters_typed_into_a_field_are_left_alone(self, open_page: Open) -> None:
        page = open_page("/fields/")
        page.click("#id_name")
        page.keyboard.type("gf?")
        expect(page.locator("#id_name")).to_have_value("gf?")
        expect(page.locator("#shortcuts")).to_be_hidden()

    def test_a_question_mark_lists_them(self, open_page: Open) -> None:
        page = open_page("/ui/")
        page.keyboard.press("?")
        expect(page.locator("#shortcuts")).to_contain_text("Go to Notebooks")


class TestMenu:
    def test_opens_at_its_button_and_closes_with_escape(self, open_page: Open) -> None:
        page = open_page("/ui/")
        button = page.get_by_role("button", name="Actions on cas_confirmes_2026-11.csv")
        button.focus()
        page.keyboard.press("ArrowDown")
        expect(page.get_by_role("link", name="Download", exact=True)).to_be_focused()
        menu = page.locator(".menu-list:popover-open").bounding_box()
        at = button.bounding_box()
        assert menu
        assert at
        assert menu["y"] == pytest.approx(at["y"] + at["height"] + 4, abs=1)
        page.keyboard.press("Escape")
        expect(page.locator(".menu-list:popover-open")).to_have_count(0)
        expect(button).to_be_focused()


def test_copying_says_so(open_page: Open) -> None:
    page = open_page("/ui/")
    page.click(".address hexa-copy button")
    expect(page.locator(".address [role=status]")).to_have_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == "s3://malaria-team/2026/raw/cas_confirmes_2026-11.csv"


def test_a_dialog_is_modal_and_gives_the_focus_back(open_page: Open) -> None:
    page = open_page("/ui/")
    page.click("text=New folder")
    expect(page.locator("#folder")).to_be_focused()
    assert page.evaluate("document.querySelector('#new-folder').matches(':modal')")
    page.keyboard.press("Escape")
    expect(page.locator("[popovertarget=new-folder]").first).to_be_focused()


class TestToasts:
    def test_travel_with_a_replaced_part_and_can_be_dismissed(
        self, open_page: Open
    ) -> None:
        page = open_page("/w/malaria-team/files/")
        page.evaluate("window.isTheSamePage = true")
        page.click("#count button")
        toast = page.locator(".toast")
        expect(toast).to_contain_text("Deleted cases.csv.")
        assert toast.locator("form").get_attribute("action") == "/undo/"
        assert page.evaluate("window.isTheSamePage")
        page.click("[data-dismiss]")
        expect(toast).to_have_count(0)

    def test_an_unanswered_request_says_so_and_stays(self, open_page: Open) -> None:
        page = open_page("/w/malaria-team/files/")
        page.context.set_offline(True)
        page.click("#count button")
        expect(page.locator(".toast-bad")).to_contain_text("did not answer")


class TestWaiting:
    def test_goes_there_when_it_is_ready(self, open_page: Open) -> None:
        page = open_page("/wait/ready/")
        page.wait_for_url("**/w/demo/")

    def test_shows_the_steps_and_why_it_failed(self, open_page: Open) -> None:
        page = open_page("/wait/failed/")
        expect(page.locator(".step")).to_have_text(
            ["Asking for a server", "Preparing your folder", "Starting JupyterLab"]
        )
        expect(page.locator(".step[data-state=failed]")).to_have_text(
            "Starting JupyterLab"
        )
        expect(page.get_by_role("alert")).to_contain_text("There is no memory left.")
