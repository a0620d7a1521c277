"""Sizes and times in words, in both languages."""

from datetime import UTC, datetime

import pytest
from django.utils import timezone, translation

from hexa.ui import drawing
from hexa.ui.palette import matches
from hexa.ui.templatetags import ui

SPACE = "\N{NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("count", "english", "french"),
    [
        (0, "0 bytes", "0 octet"),
        (1, "1 byte", "1 octet"),
        (999, "999 bytes", "999 octets"),
        (6_500, f"6{SPACE}kB", f"6{SPACE}ko"),
        (6_510, f"7{SPACE}kB", f"7{SPACE}ko"),
        (999_999, f"1{SPACE}MB", f"1{SPACE}Mo"),
        (2_480_000, f"2.5{SPACE}MB", f"2,5{SPACE}Mo"),
        (512_000_000, f"512{SPACE}MB", f"512{SPACE}Mo"),
        (3 * 10**15, f"3{SPACE}PB", f"3{SPACE}Po"),
        (4 * 10**18, f"4,000{SPACE}PB", f"4{SPACE}000{SPACE}Po"),
    ],
)
def test_a_size_has_the_unit_that_fits(count: int, english: str, french: str) -> None:
    with translation.override("en"):
        assert ui.size(count) == english
    with translation.override("fr"):
        assert ui.size(count).replace("\N{NARROW NO-BREAK SPACE}", SPACE) == french


def test_no_size_is_no_word() -> None:
    assert ui.size(None) == ""


@pytest.mark.parametrize(
    ("at", "english", "french"),
    [
        (datetime(2026, 11, 22, 9, 12, tzinfo=UTC), "today 09:12", "aujourd’hui 09:12"),
        (datetime(2026, 2, 3, 9, 12, tzinfo=UTC), "3 Feb", "3 fév"),
        (datetime(2024, 2, 3, 9, 12, tzinfo=UTC), "3 Feb 2024", "3 fév 2024"),
    ],
)
def test_a_moment_is_as_precise_as_it_is_near(
    at: datetime, english: str, french: str
) -> None:
    today = datetime(2026, 11, 22, tzinfo=UTC).date()
    with translation.override("en"):
        assert drawing.short_moment(at, today) == english
    with translation.override("fr"):
        assert drawing.short_moment(at, today) == french


def test_a_moment_can_be_read_by_machines() -> None:
    assert ui.moment(None) == ""
    assert 'datetime="' in ui.moment(timezone.now())


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Ana Maria Silva", "AS"),
        ("Ana", "A"),
        ("ana.silva@example.org", "as"),
        ("", ""),
    ],
)
def test_an_avatar_shows_initials(name: str, letters: str) -> None:
    assert ui.initials(name) == letters


def test_words_typed_match_in_any_order() -> None:
    assert matches("Cas confirmés 2026.csv", "2026 cas")
    assert matches("anything", "")
    assert not matches("Cas confirmés", "cas 2026")


def test_attributes_are_escaped_and_false_ones_left_out() -> None:
    given = {"hx_get": '"><script>', "disabled": True, "hidden": False, "title": None}
    assert drawing.attributes(given) == (' hx-get="&quot;&gt;&lt;script&gt;" disabled')
