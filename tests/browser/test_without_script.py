"""Without JavaScript: whatever a page offers is done by its links, forms and menus."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import obstore
import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, expect

from tests.bench.files import store_of
from tests.platforms import Platform
from tests.stores import KEY, RunningStore, running_store

# Machines may be busy.
PATIENCE_MS = 30_000
SLUG = "no-script"
HERE = f"/workspaces/{SLUG}"
FILES = f"{HERE}/files/s3:{SLUG}/"
TEAM = f"{HERE}/files/s3:who-data/"
DRIVES = f"{HERE}/files/drives/"
EMAIL, FIRST, SECOND = "ida@example.org", "a long password", "a longer password"
TABLE = "district,cases\n" + "".join(f"d{at},{at}\n" for at in range(250))
# What is offered and would do nothing; menus that a visible button opens are looked into.
DEAD = """() => {
  const isOffered = (element) => {
    for (let one = element; one; one = one.parentElement) {
      if (getComputedStyle(one).display !== "none") continue;
      if (!one.hasAttribute("popover")) return false;
      const opener = document.querySelector(`[popovertarget="${one.id}"]`);
      return opener !== null && isOffered(opener);
    }
    return true;
  };
  const acts = (one) => one.tagName === "A" ? !["", "#", null].includes(one.getAttribute("href"))
    : one.tagName !== "BUTTON" ? one.form !== null
    : one.type === "submit" ? one.form !== null
    : document.getElementById(one.getAttribute("popovertarget")) !== null;
  return [...document.querySelectorAll("a, button, input, select, textarea")]
    .filter((one) => !acts(one) && isOffered(one)).map((one) => one.outerHTML);
}"""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing somebody does, and what they see then or where it leads.

    Selectors are Playwright's. `at` is where it begins, else where the one before it
    ended; `fills` are fields by their names, `ticks` rows of a listing.
    """

    does: str
    press: str
    sees: str = "body"
    at: str = ""
    opens: tuple[str, ...] = ()
    ticks: tuple[str, ...] = ()
    fills: Mapping[str, str] = field(default_factory=dict)
    leads: str = ""


def button(name: str) -> str:
    return f'role=button[name="{name}"] >> visible=true'


def link(name: str) -> str:
    return f'role=link[name="{name}"] >> visible=true'


def row(name: str) -> str:
    return f"td a:text-is('{name}')"


def ticked(name: str) -> str:
    return f"tr:has({row(name)}) [name=path]"


FRAME = [
    Step("the theme", "[aria-label^=Theme]", "html[data-theme=light]", at="/?all"),
    Step("French", "#sidebar button[value=fr]", "html[lang=fr]"),
    Step("English", "#sidebar button[value=en]", "html[lang=en]"),
    Step("narrow", "[aria-label='Narrow the sidebar']", "[data-side=folded]"),
    Step("wide", "[aria-label='Widen the sidebar']", "[data-side=open]"),
]
WORKSPACES = [
    Step("a workspace", button("Create workspace"), "h1:text-is('Other')", at="/workspaces/create/", fills={"name": "Other"}),
    Step("the one asked for", button("Create workspace"), "h1:text-is('No script')", at="/workspaces/create/", fills={"name": "No script", "slug": SLUG}),
    Step("the other", "#switcher a:has-text('Other')", "h1:text-is('Other')", opens=(".side-switch",)),
    Step("its first words", link("Write the home page"), "#home-preview", at=f"{HERE}/"),
    Step("a preview", button("Preview"), "#home-preview strong", fills={"text": "Ask **us**."}),
    Step("the page", button("Save"), "text=Home page saved."),
    Step("settings", button("Save"), "text=Settings saved.", at=f"{HERE}/settings/", fills={"countries": "TG"}),
    Step("a member", button("Add"), "text=Vera is now a member.", at=f"{HERE}/members/", fills={"email": "vera@example.org", "role": "editor"}),
    Step("a role", "tr:has-text('Vera') >> text=Change", "text=The role of Vera is changed"),
    Step("a removal", button("Remove from workspace"), "text=Vera is no longer a member.", opens=("tr:has-text('Vera') [popovertarget]",)),
    Step("the member is back", button("Undo"), "text=Vera is a member again."),
    Step("no leaving for the last admin", button("Leave"), "text=A workspace needs an admin.", opens=("tr:has-text('you') [popovertarget]", "[popovertarget=leave]")),
]  # fmt: skip
LISTING = [
    Step("a folder", button("Create"), "h1:text-is('in')", at=FILES, opens=("[popovertarget=new-folder] >> nth=0",), fills={"name": "in"}),
    Step("a folder that is there", button("Create"), "text=The folder was not created.", at=FILES, opens=("[popovertarget=new-folder] >> nth=0",), fills={"name": "in"}),
    Step("a file", button("Upload"), "text=Uploaded table.csv.", at=f"{FILES}in/", fills={"file": "table.csv"}),
    Step("it anew", button("Upload"), "text=Uploaded table.csv.", fills={"file": "table.csv", "if_taken": "replace"}),
    Step("another", button("Upload"), "text=Uploaded table (2).csv.", fills={"file": "table.csv"}),
    Step("by size", link("Size"), "th[aria-sort=descending] >> text=Size", at=f"{FILES}in/"),
    Step("the next page", link("Next"), row("f-059.csv"), at=f"{FILES}many/"),
    Step("the page before", link("Previous"), row("f-000.csv")),
    Step("hidden files", link("Show 1 hidden file"), row(".secret")),
    Step("another's table", row("table.csv"), "#preview td:text-is('d0')", at=f"{FILES}in/"),
    Step("its next rows", link("Next rows"), "#preview td:text-is('d100')"),
    Step("its first rows", link("First rows"), "#preview td:text-is('d0')"),
    Step("read differently", button("Apply"), "#preview th:has-text('district,cases')", opens=("text=Read it differently",), fills={"delimiter": ";"}),
    Step("its names", "#preview summary:text-is('Address')", f"#preview code:has-text('read_csv(\"s3://{SLUG}/in/table.csv\"')"),
    Step("the names of the folder", "summary:text-is('Address')", f"code:text-is('s3://{SLUG}/in/')", at=f"{FILES}in/"),
]  # fmt: skip
CHANGES = [
    Step("versions", "#preview a:text-is('Versions')", "text=now", at=f"{FILES}in/table.csv"),
    Step("one of them", "tr:nth-child(2) td:first-child a", "text=This is an old version"),
    Step("it again", button("Restore this version"), "text=table.csv holds again what it held then."),
    Step("no name", button("Rename…"), "text=Nothing is chosen.", at=f"{FILES}in/"),
    Step("back", link("Go back"), "h1:text-is('in')"),
    Step("two names", button("Rename…"), "text=Only one file or folder", ticks=("table.csv", "table (2).csv")),
    Step("one name", button("Rename…"), "h1:text-is('Rename table (2).csv')", at=f"{FILES}in/", ticks=("table (2).csv",)),
    Step("another name", button("Rename"), "text=Renamed table (2).csv to b.csv.", fills={"name": "b.csv"}),
    Step("the name before", button("Undo"), row("table (2).csv")),
    Step("a move", button("Move…"), "h1:text-is('Move table (2).csv')", ticks=("table (2).csv",)),
    Step("to a new folder", button("Move here"), "text=Moved table (2).csv to", fills={"to": f"s3://{SLUG}/out/"}),
    Step("a copy", button("Copy…"), "h1:text-is('Copy table.csv')", at=f"{FILES}in/", ticks=("table.csv",)),
    Step("from another folder", ".files-place-here a >> nth=0", ".files-places li a:has-text('out')"),
    Step("to another folder", ".files-places li a:has-text('out')", "[aria-current]:text-is('out')"),
    Step("here", button("Copy here"), "text=Copied table.csv to"),
    Step("the same copy", button("Copy…"), "h1:text-is('Copy table.csv')", ticks=("table.csv",)),
    Step("onto the first", button("Copy here"), "h1:text-is('There already')", fills={"to": f"s3://{SLUG}/out/"}),
    Step("both kept", button("Keep both"), "text=Copied table.csv to"),
    Step("a deletion", button("Delete"), "text=Deleted table.csv.", at=f"{FILES}out/", ticks=("table.csv",)),
    Step("the trash", link("Trash of this folder"), "text=Deleted in these pages"),
    Step("what it held", button("Bring back") + " >> nth=0", "text=table.csv is back."),
    Step("a download", button("Download"), "text=Nothing is chosen.", at=f"{FILES}in/"),
]  # fmt: skip
# Last of the files: the names put beside the pages are read by then.
SEARCH = [
    Step("a search", button("Search"), "mark:text-is('f-01') >> nth=0", at=f"{FILES}many/", fills={"q": "f-01"}),
    Step("a file of those found", link("f-010.csv"), "#preview td:text-is('1')"),
]  # fmt: skip
NOTEBOOKS = [
    Step("a session", button("Open notebooks"), at=f"{HERE}/notebooks/", leads="**/lab**"),
    Step("a fresh one", "#restart-server .button-danger", at=f"{HERE}/notebooks/", opens=("[popovertarget=restart-server] >> nth=0",), leads="**/lab**"),
    Step("none", "#stop-server .button-danger", "text=stopped", at=f"{HERE}/notebooks/", opens=("[popovertarget=stop-server] >> nth=0",)),
]  # fmt: skip
LEAVING = [
    Step("a password", button("Change password"), ".toast", at="/accounts/password/", fills={"oldpassword": FIRST, "password1": SECOND, "password2": SECOND}),
    Step("the end", button("Sign out"), "h1:text-is('Sign in')", at="/?all", opens=(".side-account",)),
    Step("a wrong password", button("Sign in"), ".callout-bad", fills={"login": EMAIL, "password": FIRST}),
    Step("the new password", button("Sign in"), "h1", fills={"login": EMAIL, "password": SECOND}, leads="**/"),
]  # fmt: skip


def drives(team: RunningStore) -> list[Step]:
    key = {"access_key_id": KEY.id, "secret_access_key": KEY.secret}
    place = {"kind": "other", "bucket": "who-data", "access": "write"}
    filled = {**place, "endpoint": team.endpoint, **key}
    return [
        Step("a test", button("Test"), "text=It works. Nothing is saved yet.", at=f"{DRIVES}connect/", fills=filled),
        Step("a bucket", button("Connect"), row("s3:who-data"), fills=key),
        Step("another drive", f"a.menu-item:has-text('s3:{SLUG}')", f"h1:text-is('s3:{SLUG}')", at=TEAM, opens=("text=Drives >> visible=true",)),
        Step("a look", button("Check now"), "tr:has-text('who-data') .badge:text-is('works')", at=DRIVES, opens=("tr:has-text('who-data') [popovertarget]",)),
        Step("its settings", "a:has-text('Settings') >> visible=true >> nth=1", "[name=bucket]", at=DRIVES, opens=("tr:has-text('who-data') [popovertarget]",)),
        Step("read only", button("Save"), "text=read only", fills={"access": "read"}),
        Step("what is there", "h1", ".page-actions .badge:text-is('Read only')", at=TEAM),
        Step("a wrong name", button("Disconnect"), ".field-error", at=f"{DRIVES}s3:who-data/", fills={"typed": "who"}),
        Step("its end", button("Disconnect"), "h1", fills={"typed": "who-data"}),
        Step("Google without a key", button("Test"), ".field-error >> nth=0", at=f"{DRIVES}connect/google/", fills={"bucket": "gs://none"}),
    ]  # fmt: skip


@pytest.fixture
def page(chromium: Browser, running_platform: Platform) -> Iterator[Page]:
    """Of somebody of no workspace yet."""
    add(running_platform, EMAIL, "Ida")
    add(running_platform, "vera@example.org", "Vera")
    context = signed_in(chromium, running_platform, EMAIL)
    yield context.pages[0]
    context.close()


def add(platform: Platform, email: str, name: str) -> None:
    given = ("--name", name, "--language", "en", "--password-file", "-")
    done = platform.run("user", "create", email, *given, typed=FIRST)
    assert done.returncode == 0, done.stderr


def signed_in(chromium: Browser, platform: Platform, email: str) -> BrowserContext:
    context = chromium.new_context(
        base_url=platform.url, java_script_enabled=False, locale="en"
    )
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto("/accounts/login/")
    page.fill("[name=login]", email)
    page.fill("[name=password]", FIRST)
    page.click(button("Sign in"))
    page.wait_for_url(lambda url: "login" not in url)
    return context


@pytest.fixture
def team(tmp_path: Path) -> Iterator[RunningStore]:
    with running_store(tmp_path) as store:
        store.connect().create_bucket("who-data")
        yield store


@pytest.mark.timeout(900)
def test_everything_is_done_without_a_script(
    page: Page, running_platform: Platform, team: RunningStore
) -> None:
    walk(page, FRAME + WORKSPACES)
    store = store_of(running_platform, SLUG)
    for name in (".secret", *(f"f-{at:03}.csv" for at in range(60))):
        obstore.put(store, f"many/{name}", b"a\n1\n")
    walk(page, LISTING + CHANGES)
    several_come_as_one(page)
    walk(page, SEARCH + drives(team) + NOTEBOOKS + LEAVING)


def walk(page: Page, steps: list[Step]) -> None:
    for step in steps:
        try:
            take(page, step)
        except (AssertionError, Error) as error:
            raise AssertionError(f"{step.does}, at {page.url}: {error}") from error
        if not step.leads:
            assert page.evaluate(DEAD) == [], f"{step.does}, at {page.url}"


def take(page: Page, step: Step) -> None:
    if step.at:
        page.goto(step.at)
    for name in step.ticks:
        page.check(ticked(name))
    for opener in step.opens:
        page.locator(opener).first.click()
    for name, value in step.fills.items():
        fill(page, name, value)
    page.locator(step.press).first.click()
    if step.leads:
        page.wait_for_url(step.leads, timeout=2 * PATIENCE_MS)
    else:
        expect(page.locator(step.sees).first).to_be_visible(timeout=PATIENCE_MS)


def fill(page: Page, name: str, value: str) -> None:
    box = page.locator(f"[name={name}]:visible").first
    match box.get_attribute("type") or box.evaluate("it => it.type"):
        case "radio":
            page.check(f"[name={name}][value={value}]")
        case "select-one":
            box.select_option(value)
        case "file":
            content = TABLE.encode()
            box.set_input_files(
                {"name": value, "mimeType": "text/csv", "buffer": content}
            )
        case _:
            box.fill(value)


def several_come_as_one(page: Page) -> None:
    page.goto(f"{FILES}many/")
    for name in ("f-001.csv", "f-002.csv"):
        page.check(ticked(name))
    with page.expect_download() as begun:
        page.click(button("Download"))
    assert begun.value.suggested_filename.endswith(".zip")


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
