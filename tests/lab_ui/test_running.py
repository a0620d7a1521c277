from playwright.sync_api import Route, expect

from tests.lab_ui.lab import Person


def test_a_cell_that_is_run_before_its_kernel_is_there_waits_for_it(
    person: Person,
) -> None:
    starts: list[Route] = []

    def hold(route: Route) -> None:
        if route.request.method == "POST":
            starts.append(route)
        else:
            route.continue_()

    person.page.route("**/api/sessions*", hold)
    person.page.locator(".jp-LauncherCard[title^='Python 3']").first.click()
    cell = person.page.locator(".jp-Notebook .cm-content").first
    cell.click()
    person.page.keyboard.insert_text("6 * 7")
    cell.press("Control+Enter")
    prompt = person.page.locator(".jp-Notebook .jp-InputPrompt").first
    expect(prompt).to_have_text("[*]:")
    while not starts:
        person.page.wait_for_timeout(50)
    for start in starts:
        start.continue_()
    expect(person.page.locator(".jp-Notebook .jp-OutputArea-output")).to_have_text("42")
    expect(prompt).to_have_text("[1]:")
