"""A team's bucket at Google in a browser: connected, used, its address taken along."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from hexakit import Address
from tests.google.connected import Team
from tests.google.door import Google
from tests.google.running import account, connect
from tests.google.tokens import ADMIN, BUCKET_VIEWER, USER
from tests.platforms import ADMIN_EMAIL, ADMIN_PASSWORD, Platform, platform_in

_numbers = count(1)


@pytest.fixture(scope="module")
def platform(
    google_server: Google, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Platform]:
    settings = {
        "HEXA_GOOGLE_STORAGE_URL": google_server.url,
        "HEXA_GOOGLE_TOKEN_URL": google_server.token_url,
        "HEXA_GOOGLE_EXCHANGE_URL": google_server.exchange_url,
        "HEXA_STORE_NETWORKS": "127.0.0.0/8",
        "HEXA_WARM_SESSIONS": "0",
    }
    folder = tmp_path_factory.mktemp("google-platform")
    with platform_in(folder, **settings) as platform:
        platform.start()
        yield platform


@pytest.fixture
def team(google_server: Google, platform: Platform) -> Team:
    """Its bucket lets browsers on our pages in."""
    owner = account(google_server, {"*": ADMIN}, "field-owner")
    store = connect(google_server, owner, origin=platform.url)
    bucket = f"malaria-field-data-{next(_numbers)}"
    store.create_bucket(bucket)
    roles = {bucket: f"{USER} {BUCKET_VIEWER}"}
    return Team(google_server, bucket, store, account(google_server, roles, "openhexa"))


@pytest.fixture
def page(chromium: Browser, platform: Platform) -> Iterator[Page]:
    context = chromium.new_context(
        viewport={"width": 1440, "height": 900},
        permissions=["clipboard-read", "clipboard-write"],
    )
    yield signed_in(context, platform)
    context.close()


@pytest.fixture
def plain_page(chromium: Browser, platform: Platform) -> Iterator[Page]:
    """In a browser that runs no script."""
    context = chromium.new_context(java_script_enabled=False)
    yield signed_in(context, platform)
    context.close()


def signed_in(context: BrowserContext, platform: Platform) -> Page:
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.goto(f"{platform.url}/accounts/login/")
    page.fill("input[name=login]", ADMIN_EMAIL)
    page.fill("input[name=password]", ADMIN_PASSWORD)
    page.locator("form:has(input[name=login]) button").click()
    page.wait_for_url(lambda url: "login" not in url)
    return page


@pytest.mark.timeout(300)
def test_connected_browsed_filled_previewed_and_its_address_copied(
    page: Page, platform: Platform, team: Team, tmp_path: Path
) -> None:
    key, table = tmp_path / "key.json", tmp_path / "été 2026.csv"
    key.write_text(team.key)
    table.write_text("district,cases\nKita,31\n")
    base = f"{platform.url}/workspaces/demo/files"
    page.goto(f"{base}/drives/connect/")
    page.get_by_role("link", name="Google Cloud Storage").click()
    page.fill("input[name=bucket]", f"gs://{team.bucket}")
    page.check("input[name=access][value=write]")
    page.set_input_files("input[name=key_file]", key)
    page.get_by_role("button", name="Test").click()
    expect(page.get_by_text("It works. Nothing is saved yet.")).to_be_visible()
    page.get_by_role("button", name="Connect", exact=True).click()
    page.get_by_role("link", name=f"gcs:{team.bucket}").first.click()
    page.locator("hexa-upload input[type=file]").first.set_input_files(table)
    row = page.get_by_role("link", name="été 2026.csv")
    expect(row.first).to_be_visible()
    assert team.store.read(team.bucket, "été 2026.csv", length=8) == b"district"
    # Straight to Google: the page and the bucket allow it.
    sent = [path for verb, path in team.google.log if verb == "OPTIONS"]
    assert any(path.startswith(f"/{team.bucket}/") for path in sent)
    row.first.click()
    expect(page.get_by_text("Kita").first).to_be_visible()
    page.locator(".address").get_by_role("button").click()
    expect(page.get_by_text("Copied").first).to_be_attached()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert Address.of(copied) == Address("gs", team.bucket, "été 2026.csv")


@pytest.mark.timeout(300)
def test_connected_browsed_filled_and_previewed_without_a_script(
    plain_page: Page, platform: Platform, team: Team, tmp_path: Path
) -> None:
    page = plain_page
    key, table = tmp_path / "key.json", tmp_path / "cases.csv"
    key.write_text(team.key)
    table.write_text("district,cases\nKita,31\n")
    page.goto(f"{platform.url}/workspaces/demo/files/drives/connect/google/")
    page.fill("input[name=bucket]", team.bucket)
    page.check("input[name=access][value=write]")
    page.set_input_files("input[name=key_file]", key)
    page.get_by_role("button", name="Connect", exact=True).click()
    page.get_by_role("link", name=f"gcs:{team.bucket}").first.click()
    page.locator("input[name=file] >> visible=true").set_input_files(table)
    page.locator('role=button[name="Upload"] >> visible=true').click()
    expect(page.get_by_text("Uploaded cases.csv.")).to_be_visible()
    assert team.store.read(team.bucket, "cases.csv", length=8) == b"district"
    page.get_by_role("link", name="cases.csv").first.click()
    expect(page.get_by_text("Kita").first).to_be_visible()
    expect(page.locator("body")).to_contain_text(f"gs://{team.bucket}/cases.csv")
    with page.expect_download() as found:
        page.get_by_role("link", name="Download").first.click()
    assert found.value.path().read_bytes() == table.read_bytes()
