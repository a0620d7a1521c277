"""Restart and stop from JupyterLab, on the real hub."""

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import LAB_PATIENCE_MS, is_in_lab

pytestmark = pytest.mark.usefixtures("in_english")

SERVER = "/notebooks/user/admin/demo/"


@pytest.fixture
def lab(page: Page) -> Page:
    page.goto("/workspaces/demo/notebooks/")
    start = page.get_by_role("button", name="Open notebooks")
    if start.count():
        start.first.click()
    else:
        page.goto(f"{SERVER}lab")
    is_in_lab(page)
    return page


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

    with lab.expect_navigation(timeout=LAB_PATIENCE_MS):
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

    lab.wait_for_url("**/workspaces/demo/**", timeout=LAB_PATIENCE_MS)
    answer = lab.request.get(f"{SERVER}api/status", max_redirects=0)
    assert answer.status != 200
