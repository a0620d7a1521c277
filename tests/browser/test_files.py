"""The Files page as a person uses it: by mouse, by keys alone, on a phone."""

import itertools
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.platforms import Platform
from tests.ui.test_every_page_is_usable import barriers

FILES = "/workspaces/demo/files/s3:demo/"
_numbers = itertools.count(1)
WORDS = {
    "en": {
        "move": "Move…", "move here": "Move here", "undo": "Undo", "rename": "Rename",
        "delete": "Delete", "restore": "Restore", "keep both": "Keep both",
        "create": "Create", "chosen": "2 chosen", "link": "Web link", "now": "now",
    },
    "fr": {
        "move": "Déplacer…", "move here": "Déplacer ici", "undo": "Annuler",
        "rename": "Renommer", "delete": "Supprimer", "restore": "Restaurer",
        "keep both": "Garder les deux", "create": "Créer", "chosen": "2 choisis",
        "link": "Lien web", "now": "actuelle",
    },
}  # fmt: skip


@pytest.fixture(params=["en", "fr"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def folder(
    admin: BrowserContext, running_platform: Platform, language: str
) -> Iterator[tuple[Page, str]]:
    """A page that shows a folder with a.csv, b.csv and c.csv, and the folder's URL."""
    admin.add_cookies(
        [{"name": "hexa_language", "value": language, "url": running_platform.url}]
    )
    admin.grant_permissions(["clipboard-read", "clipboard-write"])
    page = admin.new_page()
    page.goto(FILES)
    name = f"verbs {next(_numbers)} été"
    page.locator("[popovertarget=new-folder]").first.click()
    expect(page.locator("#new-folder input[name=name]")).to_be_focused()
    page.keyboard.type(name)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "verbs" in url)
    url = page.url
    csrf = page.locator("input[name=csrfmiddlewaretoken]").first.input_value()
    for letter in "abc":
        sent = page.request.post(
            f"/workspaces/demo/files/upload/s3:demo/?folder={name}/",
            multipart={
                "csrfmiddlewaretoken": csrf,
                "file": {
                    "name": f"{letter}.csv",
                    "mimeType": "text/csv",
                    "buffer": f"{letter}\n1\n".encode(),
                },
            },
            headers={"Referer": url},
        )
        assert sent.ok
    open_folder(page, url)
    yield page, url
    page.close()


def open_folder(page: Page, url: str) -> None:
    page.goto(url)
    page.wait_for_selector("table[role=grid]")


def names(page: Page) -> list[str]:
    return page.locator("tr[data-key] .name a").all_inner_texts()


def test_files_are_renamed_moved_deleted_taken_back_and_restored(
    folder: tuple[Page, str], language: str
) -> None:
    page, url = folder
    words = WORDS[language]
    row = page.locator("tr[data-name='a.csv']")
    row.locator("[data-verbs]").click()
    page.locator("#row-verbs [data-rename]").click()
    page.locator("#rename input[name=name]").fill("cas été 50 % #1.csv")
    page.locator("#rename").get_by_role("button", name=words["rename"]).click()
    expect(page.locator("tr[data-key]").nth(2)).to_contain_text("cas été 50 % #1.csv")
    page.locator(".toast").get_by_role("button", name=words["undo"]).click()
    expect(page.locator("tr[data-key]").first).to_contain_text("a.csv")

    # Its web link leads to the file.
    row.locator("[data-naming]").click()
    page.locator("#copy-menu").get_by_role("button", name=words["link"]).click()
    page.wait_for_function(
        "async () => (await navigator.clipboard.readText()).startsWith('http')"
    )
    link = page.evaluate("navigator.clipboard.readText()")
    assert page.request.get(link).ok

    # Into a folder that already has one of that name: nothing is replaced unasked.
    open_folder(page, url)
    for name in ("a.csv", "b.csv"):
        page.locator(f"tr[data-name='{name}'] input").check()
    expect(page.locator("#selection")).to_contain_text(words["chosen"])
    page.locator("#selection").get_by_role("button", name=words["move"]).click()
    to = page.locator("#to").input_value() + "in/"
    page.fill("#to", to)
    page.get_by_role("button", name=words["move here"]).click()
    expect(page.locator("tr[data-key]")).to_have_count(2)
    page.locator(".toast").get_by_role("button", name=words["undo"]).click()
    expect(page.locator("tr[data-key]")).to_have_count(3)

    # Deleted and taken back; and once more, by its versions.
    verbs = page.locator("tr[data-name='c.csv'] [data-verbs]")
    verbs.click()
    versions = page.locator("#row-verbs [data-versions]").get_attribute("href")
    page.locator("#row-verbs").get_by_role("button", name=words["delete"]).click()
    expect(page.locator("tr[data-key]")).to_have_count(2)
    page.locator(".toast").get_by_role("button", name=words["undo"]).click()
    expect(page.locator("tr[data-key]")).to_have_count(3)
    page.locator("tr[data-name='c.csv']").focus()
    page.keyboard.press("Delete")
    expect(page.locator("tr[data-key]")).to_have_count(2)
    page.goto(versions or "")
    page.get_by_role("button", name=words["restore"]).click()
    expect(page.locator("tbody tr").first).to_contain_text(words["now"])
    assert barriers(page) == []
    open_folder(page, url)
    assert names(page) == ["a.csv", "b.csv", "c.csv"]


def test_everything_can_be_done_with_the_keyboard(
    folder: tuple[Page, str], language: str
) -> None:
    page, url = folder
    page.locator("tr[data-key]").first.focus()
    press = page.keyboard.press
    press("ArrowDown")
    expect(page.locator("tr[data-name='b.csv']")).to_be_focused()
    press("F2")
    expect(page.locator("#rename input[name=name]")).to_be_focused()
    page.keyboard.type("beta")
    press("Enter")
    expect(page.locator("tr[data-key]").nth(1)).to_contain_text("beta.csv")
    page.locator("tr[data-key]").first.focus()
    press("Shift+End")
    expect(page.locator("tr[aria-selected=true]")).to_have_count(3)
    press("Escape")
    expect(page.locator("tr[aria-selected=true]")).to_have_count(0)
    press("Control+a")
    press("Home")
    press("Space")
    expect(page.locator("[data-count]")).to_have_text(WORDS[language]["chosen"])
    assert barriers(page) == []
    press("?")
    expect(page.locator("#shortcuts")).to_contain_text("F2")
    press("Escape")
    page.locator("tr[data-key]").first.focus()
    press("Delete")
    expect(page.locator("tr[data-key]")).to_have_count(1)
    page.locator("tr[data-key]").first.focus()
    press("Enter")
    page.wait_for_url(re.compile(r"a\.csv$"))
    assert page.url.startswith(url)


@pytest.mark.parametrize("language", ["fr"], indirect=True)
def test_on_a_phone_everything_fits(folder: tuple[Page, str]) -> None:
    """In French, which is longer."""
    page, _ = folder
    page.set_viewport_size({"width": 390, "height": 844})
    page.locator("tr[data-name='a.csv'] input").check()
    verbs = "/workspaces/demo/files"
    pages = [
        f"{verbs}/trash/s3:demo/",
        f"{verbs}/versions/s3:demo/demo-python.ipynb",
        f"{verbs}/move/s3:demo/?path=demo-python.ipynb",
        f"{verbs}/rename/s3:demo/?path=demo-python.ipynb",
        f"{FILES}no-such-file.ipynb",
    ]
    for path in ["", *pages]:
        if path:
            page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
        assert barriers(page) == [], path
