from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.lab_ui.lab import Person, Server, running_lab


@pytest.fixture(scope="module")
def tabs(chromium: Browser) -> Iterator[BrowserContext]:
    """One for a module: JupyterLab's megabytes are loaded and compiled once."""
    context = chromium.new_context(
        permissions=["clipboard-read", "clipboard-write"],
        viewport={"width": 1440, "height": 900},
    )
    context.set_default_timeout(15_000)
    yield context
    context.close()


@pytest.fixture(scope="session")
def english_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running_lab(tmp_path_factory.mktemp("lab-en"), language="default") as server:
        yield server


@pytest.fixture(scope="session")
def french_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running_lab(tmp_path_factory.mktemp("lab-fr"), language="fr_FR") as server:
        yield server


@pytest.fixture
def person(tabs: BrowserContext, english_server: Server) -> Iterator[Person]:
    yield from seated(tabs, english_server)


@pytest.fixture
def french_person(tabs: BrowserContext, french_server: Server) -> Iterator[Person]:
    yield from seated(tabs, french_server)


def seated(tabs: BrowserContext, server: Server) -> Iterator[Person]:
    server.say()
    (server.home / "asked.json").unlink(missing_ok=True)
    person = Person(tabs.new_page(), server)
    person.opens()
    yield person
    # Unsaved edits would hold the tab with a question.
    person.page.close(run_before_unload=False)
