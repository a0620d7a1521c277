"""Restart and stop from JupyterLab, on the real hub."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

pytestmark = pytest.mark.usefixtures("in_english")

PATIENCE_MS = 90_000
SERVER = "/notebooks/user/admin/demo/"


@pytest.fixture
def lab(admin: BrowserContext) -> Iterator[Page]:
    page = admin.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto("/workspaces/demo/notebooks/")
    start = page.get_by_role("button", name="Open notebooks")
    if start.count():
        start.first.click()
    else:
        page.goto(f"{SERVER}lab")
    is_in_lab(page)
    yield page
    page.close()


def is_in_lab(page: Page) -> None:
    page.wait_for_url("**/lab**", timeout=PATIENCE_MS)
    drive = page.get_by_role("listitem", name="s3:demo")
    expect(drive).to_be_visible(timeout=PATIENCE_MS)


def choose_in_file_menu(page: Page, words: str) -> None:
    page.get_by_role("menuitem", name="File", exact=True).click()
    page.get_by_role("menuitem", name=words).click()
    page.locator(".jp-Dialog-content").get_by_role("button", name=words).click()


def started(page: Page) -> str:
    answer = page.request.get(f"{SERVER}api/status")
    assert answer.ok, answer.status
    return str(answer.json()["started"])


def test_a_restart_gives_another_server_and_lab_comes_back(lab: Page) -> None:
    before = started(lab)

    with lab.expect_navigation(timeout=PATIENCE_MS):
        choose_in_file_menu(lab, "Restart my server")
    is_in_lab(lab)

    assert started(lab) > before
    cookies = [
        cookie
        for cookie in lab.context.cookies()
        if cookie["name"].startswith("jupyterhub-user-")
    ]
    assert [cookie["path"] for cookie in cookies] == [SERVER]


def test_a_stop_leads_to_the_workspace_and_the_server_is_gone(lab: Page) -> None:
    choose_in_file_menu(lab, "Stop my server")

    lab.wait_for_url("**/workspaces/demo/**", timeout=PATIENCE_MS)
    answer = lab.request.get(f"{SERVER}api/status", max_redirects=0)
    assert answer.status != 200
