"""Compile every catalogue, without needing gettext's own programs."""

from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

SOURCES = Path(__file__).parents[1] / "src"


def main() -> None:
    for catalogue in SOURCES.rglob("*.po"):
        with catalogue.open("rb") as text:
            messages = read_po(text, locale=catalogue.parents[1].name)
        with catalogue.with_suffix(".mo").open("wb") as compiled:
            write_mo(compiled, messages)


if __name__ == "__main__":
    main()
