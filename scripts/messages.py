"""The French catalogues: what must be in them, and what is missing.

    python scripts/messages.py            lists what has no French yet
    python scripts/messages.py --compile  makes the .mo files, without gettext's programs

A message is wanted when a template or module asks for it, or when it is the docstring
of a refusal. `ui` keeps the French of its parts, `site` that of all contexts.
"""

import ast
import io
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.conf import settings
from django.utils.translation import template as django_templates

SOURCES = Path(__file__).parents[1] / "src" / "hexa"
KEYWORDS = {
    **DEFAULT_KEYWORDS,
    "gettext_lazy": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "gettext_noop": None,
}
ANSWERS = {"Refusal", "NotFound", "PermissionDenied", "Invalid", "Conflict", "Outage"}
_TEXT = r"u?(?:'(?:[^'\\\\]|\\\\.)*'|\"(?:[^\"\\\\]|\\\\.)*\")"
CALL = re.compile(rf"\b(?:_|n?p?gettext)\({_TEXT}(?:, ?{_TEXT})*(?:, ?[^)]*)?\)")
BREAKS = re.compile(r" (?=[:;?!»])|(?<=«) ")
PLACEHOLDER = re.compile(r"%\([a-z_]+\)[sd]|%[sd]|\{[a-z_]+\}")


@dataclass(frozen=True, slots=True)
class Wanted:
    text: str
    plural: str
    context: str
    place: str


def wanted() -> list[Wanted]:
    found = {(w.text, w.context): w for w in _all()}
    return sorted(found.values(), key=lambda w: (w.place, w.text))


def catalogues() -> list[tuple[Path, Catalog]]:
    return [(path, _read(path)) for path in sorted(SOURCES.rglob("*.po"))]


def translations() -> dict[tuple[str, str], tuple[str, ...]]:
    """What French there is, fuzzy ones left out."""
    known: dict[tuple[str, str], tuple[str, ...]] = {}
    for _, catalogue in catalogues():
        for message in catalogue:
            strings = message.string
            words = (strings,) if isinstance(strings, str) else tuple(strings or ())
            if message.id and all(words) and not message.fuzzy:
                single = message.id if isinstance(message.id, str) else message.id[0]
                known[single, message.context or ""] = words
    return known


def placeholders(text: str) -> list[str]:
    return sorted(PLACEHOLDER.findall(text))


def _all() -> Iterator[Wanted]:
    for path in SOURCES.rglob("*.py"):
        if "migrations" in path.parts:
            continue
        source = path.read_text(encoding="utf-8")
        yield from _asked(source, path)
        yield from _docstrings(source, path)
    for path in SOURCES.rglob("templates/**/*.html"):
        text = django_templates.templatize(path.read_text(encoding="utf-8"))
        # What stands between the calls is not Python and would stop the tokenizer.
        calls = CALL.findall(text)
        yield from _asked("\n".join(call.strip() for call in calls), path)


def _asked(source: str, path: Path) -> Iterator[Wanted]:
    place = str(path.relative_to(SOURCES))
    file = io.BytesIO(source.encode())
    for _, message, _, context in extract("python", file, KEYWORDS):
        single, plural = message if isinstance(message, tuple) else (message, "")
        yield Wanted(single, plural or "", context or "", place)


def _docstrings(source: str, path: Path) -> Iterator[Wanted]:
    """Refusals say their docstring: see `foundation.errors`."""
    tree = ast.parse(source)
    names = set(ANSWERS)
    for node in tree.body:
        if not isinstance(node, ast.ClassDef):
            continue
        bases = {getattr(base, "attr", getattr(base, "id", "")) for base in node.bases}
        if bases & names and (doc := ast.get_docstring(node)):
            names.add(node.name)
            place = str(path.relative_to(SOURCES))
            yield Wanted(doc.splitlines()[0], "", "", place)


def _read(path: Path) -> Catalog:
    with path.open("rb") as text:
        return read_po(text, locale=path.parents[1].name)


def _unbroken(french: str) -> str:
    """Typed with plain spaces, but no line begins with the mark that follows one."""
    return BREAKS.sub("\N{NO-BREAK SPACE}", french)


def compile_all() -> None:
    for path, catalogue in catalogues():
        for message in catalogue:
            kept = message.string
            if isinstance(kept, str):
                message.string = _unbroken(kept)
            elif kept:
                message.string = tuple(_unbroken(one) for one in kept)
        with path.with_suffix(".mo").open("wb") as compiled:
            write_mo(compiled, catalogue)


def main() -> int:
    if "--compile" in sys.argv:
        compile_all()
        return 0
    settings.configure(USE_I18N=False)
    known = translations()
    missing = [w for w in wanted() if (w.text, w.context) not in known]
    for one in missing:
        print(f"{one.place}: {one.text!r} {one.plural!r} {one.context!r}")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
