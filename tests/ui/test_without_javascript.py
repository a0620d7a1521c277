"""Every page reads and submits without JavaScript; menus and dialogs open as well."""

from playwright.sync_api import expect

from tests.ui.opening import Open


def test_menus_open_and_post(open_page: Open) -> None:
    page = open_page("/ui/", javascript=False)
    page.click("[popovertarget=account]")
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()


def test_dialogs_open_and_close(open_page: Open) -> None:
    page = open_page("/ui/", javascript=False)
    page.click("text=New folder")
    expect(page.locator("#folder")).to_be_visible()
    page.click("#new-folder >> text=Cancel")
    expect(page.locator("#folder")).to_be_hidden()


def test_the_sidebar_is_a_drawer_on_a_narrow_screen(open_page: Open) -> None:
    page = open_page("/ui/", javascript=False, width=390)
    expect(page.locator("#sidebar")).to_be_hidden()
    page.click("[popovertarget=sidebar]")
    expect(page.locator("#sidebar a[data-go=f]")).to_be_visible()


def test_the_sidebar_stays_narrowed(open_page: Open) -> None:
    page = open_page("/ui/", javascript=False)
    page.click("[aria-label='Narrow the sidebar']")
    page.goto("/fields/")
    box = page.locator("#sidebar").bounding_box()
    assert box
    assert box["width"] < 80


def test_the_theme_is_kept(open_page: Open) -> None:
    page = open_page("/ui/", javascript=False)
    page.click("[aria-label^='Theme']")
    assert page.get_attribute("html", "data-theme") == "light"
    page.click("[aria-label^='Theme']")
    assert page.get_attribute("html", "data-theme") == "dark"
    page.click("[aria-label^='Theme']")
    assert page.get_attribute("html", "data-theme") is None


def test_the_language_changes_on_the_page_one_is_on(open_page: Open) -> None:
    page = open_page("/fields/", javascript=False)
    page.click("#sidebar button[value=fr]")
    assert page.get_attribute("html", "lang") == "fr"
    assert page.url.endswith("/fields/")


def test_what_cannot_work_is_not_shown(open_page: Open) -> None:
    page = open_page("/ui/", javascript=False)
    expect(page.locator(".side-search")).to_be_hidden()
    expect(page.locator(".address hexa-copy")).to_be_hidden()


def test_a_form_tells_what_is_wrong_beside_the_field(open_page: Open) -> None:
    page = open_page("/fields/", javascript=False)
    page.fill("#id_name", "taken")
    page.click("text=Save")
    expect(page.get_by_role("alert")).to_have_text("This name is taken.")


def test_files_are_sent_by_an_ordinary_form(open_page: Open) -> None:
    page = open_page("/upload/", javascript=False)
    expect(page.locator("noscript input[type=file]")).to_be_visible()
