"""Without JavaScript: what a page offers by its links and forms is not refused."""

import re

import obstore
from playwright.sync_api import Browser, BrowserContext

from tests.bench.files import store_of
from tests.platforms import Platform

FIRST = "a long password"


def button(name: str) -> str:
    return f'role=button[name="{name}"] >> visible=true'


def add(platform: Platform, email: str, name: str) -> None:
    given = ("--name", name, "--language", "en", "--password-file", "-")
    done = platform.run("user", "create", email, *given, typed=FIRST)
    assert done.returncode == 0, done.stderr


def signed_in(chromium: Browser, platform: Platform, email: str) -> BrowserContext:
    context = chromium.new_context(
        base_url=platform.url, java_script_enabled=False, locale="en"
    )
    page = context.new_page()
    page.set_default_timeout(20_000)
    page.goto("/accounts/login/")
    page.fill("[name=login]", email)
    page.fill("[name=password]", FIRST)
    page.click(button("Sign in"))
    page.wait_for_url(lambda url: "login" not in url)
    return context


VIEWED = [
    "/?all",
    "/workspaces/demo/",
    "/workspaces/demo/members/",
    "/workspaces/demo/notebooks/",
    "/workspaces/demo/files/s3:demo/",
    "/workspaces/demo/files/s3:demo/data/fertility-by-age.csv",
    "/workspaces/demo/files/versions/s3:demo/data/fertility-by-age.csv",
    "/workspaces/demo/files/trash/s3:demo/",
    "/workspaces/demo/files/search/s3:demo/?q=fertility",
]
FOR_VIEWERS = re.compile(
    r"^http://[^/]+/(language|ui/theme|ui/side|accounts/logout|workspaces/demo/files/zip/s3:demo"
    r"|workspaces/demo/members/\d+/remove)/"
)
OFFERED = """() => [
  [...document.links].map((one) => one.href.split("#")[0]),
  [...document.forms].filter((one) => one.method === "post").map((one) => one.action)
    .concat([...document.querySelectorAll("[formaction]")].map((one) => one.formAction)),
]"""


def test_nothing_is_offered_to_a_viewer_that_is_refused(
    admin: BrowserContext, chromium: Browser, running_platform: Platform
) -> None:
    store = store_of(running_platform, "demo")
    obstore.put(store, "in the trash.txt", b"1")
    obstore.delete(store, "in the trash.txt")
    add(running_platform, "vic@example.org", "Vic")
    page = admin.new_page()
    page.goto("/workspaces/demo/members/")
    page.fill("[name=email]", "vic@example.org")
    page.locator(".form [name=role]").select_option("viewer")
    page.click(button("Add"))
    page.close()
    viewer = signed_in(chromium, running_platform, "vic@example.org")
    page = viewer.pages[0]
    for path in VIEWED:
        page.goto(path)
        links, posts = page.evaluate(OFFERED)
        assert [one for one in posts if not FOR_VIEWERS.search(one)] == [], path
        for one in set(links):
            found = viewer.request.get(one, max_redirects=0)
            assert found.status < 400, f"{one} on {path}"
    viewer.close()
