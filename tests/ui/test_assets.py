"""What the build made, against the budget and the rules of the style sheets."""

import gzip
import json
import re
from pathlib import Path

import pytest

UI = Path(__file__).parents[2] / "src/hexa/ui"
BUILT = UI / "static/ui"
MADE = UI.parents[2] / "build/assets.json"
BUDGET = 80 * 1024
ISLAND_BUDGET = 40 * 1024
LIBRARY_BUDGET = 300 * 1024
STYLES = sorted(
    path
    for path in [*UI.rglob("*.css"), *UI.parent.glob("*/pages.css")]
    if path.name != "tokens.css" and BUILT not in path.parents
)
COLOUR = re.compile(r"#[0-9a-f]{3,8}\b|\b(rgb|hsl|oklch|oklab)a?\(", re.IGNORECASE)
DURATION = re.compile(r"(?<![\w-])\d*\.?\d+m?s\b")


def zipped(path: Path) -> int:
    return len(gzip.compress(path.read_bytes()))


def test_the_first_screen_is_light() -> None:
    first = [BUILT / name for name in ("app.css", "app.js", "icons.svg", "logo.svg")]
    assert sum(zipped(path) for path in first) < BUDGET


def test_each_island_is_light() -> None:
    """Our own part of each chunk, before compression; what it draws in is lazy too."""
    made = json.loads(MADE.read_text(encoding="utf-8"))["outputs"]
    chunks = {name: told for name, told in made.items() if name.endswith(".js")}
    assert len(chunks) > len(list(UI.glob("islands/*/style.css")))
    for name, told in chunks.items():
        own = sum(
            part["bytesInOutput"]
            for source, part in told["inputs"].items()
            if "node_modules" not in source
        )
        assert own < ISLAND_BUDGET, name


def test_what_an_island_draws_in_is_bearable_on_a_slow_line() -> None:
    for chunk in (BUILT / "chunks").glob("*.js"):
        assert zipped(chunk) < LIBRARY_BUDGET, chunk.name


@pytest.mark.parametrize("path", STYLES, ids=lambda path: path.stem)
def test_colours_and_durations_are_named_in_the_tokens(path: Path) -> None:
    text = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)
    assert not COLOUR.search(text)
    assert not DURATION.search(text)


@pytest.mark.parametrize("path", sorted(UI.glob("islands/**/*.ts")), ids=str)
def test_an_island_is_small(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 300
