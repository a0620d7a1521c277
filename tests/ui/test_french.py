"""French is complete, and says with the same placeholders what English says."""

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from tests.ui.opening import Open

SOURCES = Path(__file__).parents[2] / "src"
CATALOGUES = sorted(SOURCES.rglob("*.po"))
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w+\}")


MARKED = (
    re.compile(r"""{%\s*translate\s+(["'])(.+?)\1"""),
    re.compile(r"""\b(?:_|gettext|gettext_lazy)\(\s*(["'])(.+?)\1\s*\)"""),
)


def read(path: Path) -> Catalog:
    with path.open("rb") as text:
        return read_po(text, locale="fr")


def forms(message: Message) -> tuple[list[str], list[str]]:
    asked = [message.id] if isinstance(message.id, str) else list(message.id)
    told = [message.string] if isinstance(message.string, str) else message.string
    return asked, list(told or [])


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parts[-5])
def test_every_message_is_translated(path: Path) -> None:
    missing = [
        message.id
        for message in read(path)
        if message.id and (message.fuzzy or not all(forms(message)[1]))
    ]
    assert missing == []


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parts[-5])
def test_every_marked_text_is_in_the_catalogue(path: Path) -> None:
    known = {forms(message)[0][0] for message in read(path)}
    context = path.parents[3]
    texts = [
        found[2]
        for source in [*context.rglob("*.html"), *context.rglob("*.py")]
        for pattern in MARKED
        for found in pattern.finditer(source.read_text())
    ]
    assert [text for text in texts if text not in known] == []


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parts[-5])
def test_placeholders_are_those_of_the_english(path: Path) -> None:
    for message in read(path):
        asked, told = forms(message)
        wanted = set(PLACEHOLDER.findall(asked[-1]))
        found = [set(PLACEHOLDER.findall(text)) for text in told]
        # "One row" may leave its number out, "%(count)s rows" may not.
        assert found[-1] == wanted, message.id
        assert all(some <= wanted for some in found), message.id


def test_the_interface_speaks_french(open_page: Open) -> None:
    page = open_page("/ui/", language="fr")
    assert page.get_by_role("button", name="Rechercher").first.is_visible()
    assert "2,4\N{NO-BREAK SPACE}Mo" in page.inner_text("main table")
