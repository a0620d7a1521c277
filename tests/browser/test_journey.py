"""The main job, as an analyst does it, in both languages, on the real platform."""

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from hexa.notebooks.actions.demo import published_table
from tests.platforms import Platform, platform_in

EMAIL, PASSWORD = "awa@example.org", "une longue phrase secrète"

WORDS = {
    "en": {
        "create": "Create my account",
        "workspace": "Create workspace",
        "open": "Open notebooks",
        "sign_out": "Sign out",
    },
    "fr": {
        "create": "Créer mon compte",
        "workspace": "Créer l’espace de travail",
        "open": "Ouvrir les carnets",
        "sign_out": "Se déconnecter",
    },
}


@pytest.fixture
def fresh_platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """Without an administrator: it prints a set-up link."""
    with platform_in(tmp_path_factory.mktemp("journey"), HEXA_DEMO="false") as platform:
        platform.admin_email = platform.admin_password = ""
        platform.start()
        yield platform


@pytest.fixture
def context(chromium: Browser, language: str) -> Iterator[BrowserContext]:
    made = chromium.new_context(
        locale=language,
        viewport={"width": 1440, "height": 900},
        permissions=["clipboard-read", "clipboard-write"],
    )
    yield made
    made.close()


def set_up_link(platform: Platform) -> str:
    found = re.search(r"http://\S+/set-up/\S+", platform.output)
    assert found, platform.output
    return found[0]


def sign_in(page: Page, platform: Platform) -> None:
    page.goto(f"{platform.url}/accounts/login/")
    page.fill("input[name=login]", EMAIL)
    page.fill("input[name=password]", PASSWORD)
    page.locator("form:has(input[name=login]) button").click()
    page.wait_for_url(lambda url: "login" not in url)


def sign_out(page: Page, words: dict[str, str]) -> None:
    page.locator("button.side-account").click()
    page.get_by_role("button", name=words["sign_out"]).click()
    page.wait_for_url("**/accounts/login/**")


@pytest.mark.timeout(420)
@pytest.mark.parametrize("language", ["en", "fr"])
def test_from_the_set_up_link_to_a_result_on_the_bucket(
    fresh_platform: Platform, context: BrowserContext, language: str, tmp_path: Path
) -> None:
    words, platform, page = WORDS[language], fresh_platform, context.new_page()
    page.set_default_timeout(60_000)
    slug = f"paludisme-{language}"

    # The set-up link, in the language of the browser; then a sign-in as any other.
    page.goto(set_up_link(platform))
    page.fill("input[name=name]", "Awa Sow")
    page.fill("input[name=email]", EMAIL)
    page.fill("input[name=password]", PASSWORD)
    page.get_by_role("button", name=words["create"]).click()
    page.wait_for_url(f"{platform.url}/")
    sign_out(page, words)
    sign_in(page, platform)
    expect(page.locator("html")).to_have_attribute("lang", language)

    # A workspace.
    page.goto(f"{platform.url}/workspaces/create/")
    page.fill("input[name=name]", "Paludisme – équipe")
    page.fill("input[name=slug]", slug)
    page.fill("input[name=countries]", "TG, ML")
    page.get_by_role("button", name=words["workspace"]).click()
    page.wait_for_url(f"{platform.url}/workspaces/{slug}/")

    # The real data set, uploaded under a name with an accent and spaces.
    table = published_table()[1]
    source = tmp_path / "fécondité par âge.csv"
    source.write_bytes(table)
    page.goto(f"{platform.url}/workspaces/{slug}/files/s3:{slug}/")
    page.locator("hexa-upload input[type=file]").first.set_input_files(source)
    expect(page.get_by_role("link", name=source.name)).to_be_visible()

    # Notebooks: the drive is a folder in the explorer.
    page.goto(f"{platform.url}/workspaces/{slug}/notebooks/")
    page.get_by_role("button", name=words["open"]).first.click()
    page.wait_for_url("**/lab**", timeout=90_000)
    drive = page.get_by_role("listitem", name=re.compile(rf"s3:{slug}"))
    drive.dblclick()
    file = page.get_by_role("listitem", name=re.compile("fécondité"))
    file.click(button="right")
    copy_path = re.compile("^(Copy Path|Copier le chemin)", re.IGNORECASE)
    page.get_by_role("menuitem", name=copy_path).first.click()
    # The clipboard is the machine's: it may still hold what a test before has copied.
    page.wait_for_function(
        "async slug => (await navigator.clipboard.readText()).includes(slug)", arg=slug
    )
    address = page.evaluate("navigator.clipboard.readText()")
    assert address == f"s3://{slug}/{source.name}"

    # A cell that reads by that address and writes Parquet.
    run_cells(
        page,
        f"import pandas as pd\n"
        f'df = pd.read_csv("{address}", dtype=str)\n'
        f'df.head(100).to_parquet("s3://{slug}/results/first.parquet")\n'
        f'print("rows", len(df))',
    )
    rows = len(list(csv.reader(io.StringIO(table.decode())))) - 1
    expect(page.locator(".jp-OutputArea-output").last).to_contain_text(
        f"rows {rows}", timeout=90_000
    )

    # The result is in Files, with a preview.
    page.goto(f"{platform.url}/workspaces/{slug}/files/s3:{slug}/results/first.parquet")
    preview = page.locator("#preview")
    expect(preview).to_contain_text("ISO3 Alpha-code")
    expect(preview).to_contain_text(f"s3://{slug}/results/first.parquet")

    # Signing out ends both sides.
    lab = f"{platform.url}/notebooks/user/awa/{slug}/lab"
    assert page.request.get(lab).url.startswith(lab)
    sign_out(page, words)
    assert "/accounts/login/" in page.request.get(lab).url
    contents = f"{platform.url}/notebooks/user/awa/{slug}/api/contents/"
    refused = page.request.get(contents, max_redirects=0)
    assert refused.status in {302, 403}


def run_cells(page: Page, source: str) -> None:
    """A new notebook in the folder that is open, with one cell, run."""
    page.locator(".jp-LauncherCard[title^='Python 3']:visible").first.click()
    cell = page.locator(".jp-Notebook .jp-Cell .cm-content").first
    cell.click()
    page.keyboard.insert_text(source)
    cell.press("Control+Enter")
