"""Names that fit, in their order, with bounded work however large the drive.

near    the next names of the order, from the index alone: quick where many fit
few     all that fit, by their trigrams, unless they are many: quick where few do
far     more of the next names: what they hold is the page, and another goes on there

Names that begin with the first word come first, those that begin with the last word
follow, then all others.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, product
from typing import Any

from django.db import connection

from hexa.files.index import IndexEntry
from hexa.files.models import Drive
from hexa.files.queries.words import Wanted, folded

Row = tuple[Any, ...]
Condition = tuple[str, list[Any]]

# Names looked at, in the index alone: 100 000 take 15 ms. Fewer at first where a folder
# is asked for, since little may lie below it.
_NEAR, _NEAR_INSIDE, _FAR = 50_000, 20_000, 250_000
_FEW, _LITTLE = 10_000, 3_000
# So many words are looked for in names and folders at once: eight ways for three.
_SPREAD = 3
# Of one drive, where all are asked at once; and of all of them together.
_OF_EACH = 24
_NEAR_OF_EACH = 2_000

_COLUMNS = "id, drive_id, folder, name, kind, size_bytes, modified_at, words"
_NEXT = (
    f"SELECT {_COLUMNS} FROM files_indexentry WHERE id = ANY(ARRAY("  # noqa: S608 - never a value of anybody's
    "SELECT id FROM (SELECT id, words, folder_words FROM files_indexentry"
    " WHERE drive_id = %s AND {place} ORDER BY words {turn}, id {turn} LIMIT %s) AS near"
    " WHERE {fits} ORDER BY words {turn}, id {turn} LIMIT %s"
    ")) ORDER BY words {turn}, id {turn}"
)
# Asked of those alone that fit all else, and not planned as a join.
_INSIDE = (
    "(SELECT it.folder >= %s AND it.folder < %s"
    " FROM files_indexentry AS it WHERE it.id = near.id)"
)
# A group's arms: where its names were cut, what fits before, and that place itself.
_CUT = (
    "cut_{at} AS MATERIALIZED (SELECT id FROM files_indexentry"
    " WHERE drive_id = %s AND {place}"
    " ORDER BY words {turn}, id {turn} LIMIT 1 OFFSET %s)"
)
_BEFORE_CUT = (
    "SELECT *, {at}, FALSE FROM ({next}) AS next_{at} WHERE {uncut}"  # noqa: S608 - never a value of anybody's
    f" UNION ALL SELECT {_COLUMNS}, {{at}}, TRUE FROM files_indexentry"
    " WHERE id = (SELECT id FROM cut_{at}) AND {uncut}"
)
_ALL_CUT = "WITH {cuts} SELECT * FROM ({arms}) AS every LIMIT %s"
# Found by trigrams, so many at most: what is looked for is among them, if they are fewer.
_MAYBE = (
    f"SELECT {_COLUMNS}, folder_words FROM files_indexentry"  # noqa: S608 - never a value of anybody's
    " WHERE drive_id = %s AND {maybe} LIMIT %s"
)
# In a folder: all that lies below it, where that is little.
_BELOW = (
    f"WITH below AS MATERIALIZED (SELECT {_COLUMNS}, folder_words FROM files_indexentry"  # noqa: S608 - never a value of anybody's
    " WHERE drive_id = %s AND folder >= (SELECT %s) AND folder < (SELECT %s) LIMIT %s)"
    " SELECT * FROM below WHERE (SELECT count(*) FROM below) <= %s"
    f" UNION ALL SELECT * FROM ({_MAYBE}) AS spelled WHERE (SELECT count(*) FROM below) > %s"
)
_SOME = f"SELECT {_COLUMNS} FROM ({{found}}) AS maybe WHERE {{fits}} LIMIT %s"  # noqa: S608 - never a value of anybody's
# Where they are too many, rows that mean nothing say so.
_RANKED = (
    f"SELECT {_COLUMNS}, known FROM (SELECT *, count(*) OVER () AS known,"  # noqa: S608 - never a value of anybody's
    " {rank} AS rank FROM ({found}) AS maybe) AS ranked"
    " WHERE known > %s OR ({fits} AND {begun})"
    " ORDER BY rank {turn}, words {turn}, id {turn} LIMIT %s"
)


@dataclass(frozen=True, slots=True)
class Question:
    """What is looked for in a drive: from the mark on, or back from it.

    `beginnings`: each makes a group of names, the first that fits; the rest, if any may
    be found there, are the last group.
    """

    wanted: Wanted
    drive: Drive
    folder: str = ""
    mark: IndexEntry | None = None
    is_back: bool = False

    @property
    def beginnings(self) -> Sequence[str]:
        words = self.wanted.words
        return tuple(dict.fromkeys([*words[:1], *words[-1:]][: 1 + self._has_rest]))

    @property
    def groups(self) -> range:
        return range(len(self.beginnings) + self._has_rest)

    @property
    def own(self) -> int:
        """The group of the mark."""
        if not self.mark:
            return 0
        words = self.mark.words
        found = (at for at, one in enumerate(self.beginnings) if words.startswith(one))
        return next(found, self.groups[-1])

    @property
    def left(self) -> Sequence[int]:
        """The groups to go through, that of the mark first."""
        return self.groups[self.own :: -1] if self.is_back else self.groups[self.own :]

    @property
    def turn(self) -> str:
        return "DESC" if self.is_back else "ASC"

    @property
    def passes(self) -> str:
        return "<" if self.is_back else ">"

    @property
    def _has_rest(self) -> bool:
        """Words too short to be found inside of a name stand at its beginning."""
        return bool(self.wanted.inside or self.wanted.ending)


@dataclass(frozen=True, slots=True)
class Page:
    """Rows, and the last name that was looked at where more may lie behind it."""

    rows: Sequence[Row]
    looked_to: int = 0


def page(asked: Question, most: int) -> Page:
    """At most so many, from the mark on; back from it, the nearest first."""
    near = _NEAR_INSIDE if asked.folder else _NEAR
    rows = _rows(*_next(asked, asked.left[0], near, most))
    if len(rows) >= most:
        return Page(rows)
    few = _few(asked, most)
    return _far(asked, most) if few is None else Page(few)


def of_each(drives: Iterable[Drive], asked: Wanted, most: int) -> list[Row]:
    """Some of each drive, the likelier first; each stands in the query as a constant."""
    questions = [Question(asked, drive) for drive in drives]
    rows: dict[int, Row] = {}
    if not questions:
        return []
    budget = max(_NEAR // len(questions), _NEAR_OF_EACH)
    for group in questions[0].groups:
        arms = [_next(one, group, budget, _OF_EACH) for one in questions]
        rows |= {row[0]: row for row in _of_all(arms)}
        if len(rows) >= most:
            return list(rows.values())
    rows |= {row[0]: row for row in _of_all([_some(one) for one in questions])}
    return list(rows.values())


# --- The three ways


def _next(asked: Question, group: int, budget: int, most: int) -> Condition:
    place, places = _place(asked, group)
    fits, values = _fits_by_words(asked)
    if asked.folder:
        # Folders of other capitals and accents have the same words.
        fits += f" AND folder_words LIKE %s AND {_INSIDE}"
        values += [_beginning(folded(asked.folder)), *_bounds(asked.folder)]
    query = _NEXT.format(place=place, fits=fits, turn=asked.turn)
    return query, [asked.drive.pk, *places, budget, *values, most]


def _some(asked: Question) -> Condition:
    found, given = _maybe(asked)
    fits, values = _fits(asked)
    return _SOME.format(found=found, fits=fits), [*given, *values, _OF_EACH]


def _few(asked: Question, most: int) -> list[Row] | None:
    """None: they are many."""
    found, given = _maybe(asked)
    fits, values = _fits(asked)
    begun: str = "TRUE"
    mark: list[Any] = []
    if asked.mark:
        begun = f"(rank, words, id) {asked.passes} (%s, %s, %s)"
        mark = [asked.own, asked.mark.words, asked.mark.pk]
    whens = [f"WHEN words LIKE %s THEN {at}" for at in range(len(asked.beginnings))]
    rank = f"CASE {' '.join(whens)} ELSE {len(whens)} END" if whens else "0"
    begins = [_beginning(word) for word in asked.beginnings]
    query = _RANKED.format(
        rank=rank, found=found, fits=fits, begun=begun, turn=asked.turn
    )
    told = [*begins, *given, _FEW, *values, *mark, most]
    rows = _rows(query, told)
    if rows and rows[0][-1] > _FEW:
        return None
    return [row[:-1] for row in rows]


def _far(asked: Question, most: int) -> Page:
    """Group by group, in one question: what is not needed is not gone through."""
    cuts: list[Condition] = []
    arms: list[Condition] = []
    uncut = "TRUE"
    for at, group in enumerate(asked.left):
        place, places = _place(asked, group)
        cut = _CUT.format(at=at, place=place, turn=asked.turn)
        cuts.append((cut, [asked.drive.pk, *places, _FAR - 1]))
        query, values = _next(asked, group, _FAR, most)
        arms.append((_BEFORE_CUT.format(at=at, next=query, uncut=uncut), values))
        uncut += f" AND NOT EXISTS (SELECT FROM cut_{at})"
    query = _ALL_CUT.format(
        cuts=", ".join(query for query, _ in cuts),
        arms=" UNION ALL ".join(query for query, _ in arms),
    )
    told = chain.from_iterable(values for _, values in [*cuts, *arms])
    rows = sorted(_rows(query, [*told, most]), key=lambda row: row[-2:])
    cut_at = next((row[0] for row in rows if row[-1]), 0)
    return Page([row[:-2] for row in rows if not row[-1]], looked_to=cut_at)


def _of_all(arms: Sequence[Condition]) -> list[Row]:
    query = " UNION ALL ".join(f"({query})" for query, _ in arms)
    return _rows(query, list(chain.from_iterable(values for _, values in arms)))


def _rows(query: str, values: Sequence[Any]) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return list(cursor.fetchall())


# --- Conditions


def _place(asked: Question, group: int) -> Condition:
    """Where the names of a group stand in the order, from the mark on."""
    begins = [_beginning(word) for word in asked.beginnings]
    parts = ["words NOT LIKE %s"] * len(begins[:group])
    values: list[Any] = begins[:group]
    if group < len(begins):
        parts.append("words LIKE %s")
        values.append(begins[group])
    if asked.mark and asked.own == group:
        parts.append(f"(words, id) {asked.passes} (%s, %s)")
        values += [asked.mark.words, asked.mark.pk]
    return " AND ".join(parts) or "TRUE", values


def _fits(asked: Question) -> Condition:
    fits, values = _fits_by_words(asked)
    if asked.folder:
        fits += " AND folder >= %s AND folder < %s"
        values += _bounds(asked.folder)
    return fits, values


def _bounds(folder: str) -> tuple[str, str]:
    """Everything that starts with "a/" sorts before "a0"."""
    return folder, f"{folder[:-1]}0"


def _fits_by_words(asked: Question) -> Condition:
    """Each word in the name or its folder; one of them, or the ending, in the name."""
    wanted = asked.wanted
    parts: list[str] = []
    values: list[Any] = []
    if wanted.ending:
        parts.append("words LIKE %s")
        values.append(f"%{_escaped(wanted.ending)}")
    elif wanted.inside:
        parts.append(f"({' OR '.join(['words LIKE %s'] * len(wanted.inside))})")
        values += [_within(word) for word in wanted.inside]
    else:
        parts.append("words LIKE %s")
        values.append(_beginning(wanted.words[0]))
    if len(wanted.parts) > 1:
        for word in wanted.words:
            parts.append("(words LIKE %s OR folder_words LIKE %s)")
            values += [_within(word)] * 2
    return " AND ".join(parts), values


def _maybe(asked: Question) -> Condition:
    """One more than few, or all that may fit."""
    drive = asked.drive.pk
    maybe, values = _by_trigrams(asked)
    spelled = [drive, *values, _FEW + 1]
    if not asked.folder:
        return _MAYBE.format(maybe=maybe), spelled
    below = [drive, *_bounds(asked.folder), _LITTLE + 1, _LITTLE]
    return _BELOW.format(maybe=maybe), [*below, *spelled, _LITTLE]


def _by_trigrams(asked: Question) -> Condition:
    """What may fit, asked so that the index of trigrams finds it.

    Each way in which the longest words may lie in names and folders is one look into it,
    which begins at the rarest trigram. The values are hidden from the planner: it would
    see that many fit, trust that they lie evenly, and read the table from its beginning
    until it has enough.
    """
    wanted = asked.wanted
    longest = sorted(wanted.inside, key=len, reverse=True)[:_SPREAD]
    always: list[Condition] = []
    if wanted.ending:
        always.append(("words", [f"%{_escaped(wanted.ending)}"]))
    elif not longest:
        always.append(("words", [_beginning(wanted.words[0])]))
    inside = folded(asked.folder)
    if inside.endswith("/"):
        # The folders above it are those of many others.
        at = inside.rfind("/", 0, -1)
        pattern = _within(inside[at:]) if at >= 0 else _beginning(inside)
        always.append(("folder_words", [pattern]))
    ways = list(product(("words", "folder_words"), repeat=len(longest)))
    if 0 < len(wanted.inside) <= _SPREAD and not wanted.ending:
        ways = [way for way in ways if "words" in way]
    within = [[_within(word)] for word in longest]
    looks = [[*always, *zip(way, within, strict=True)] for way in ways]
    arms = [
        " AND ".join(f"{column} LIKE (SELECT %s)" for column, _ in look)
        for look in looks
    ]
    values = [value for look in looks for _, given in look for value in given]
    return "(" + " OR ".join(f"({arm})" for arm in arms) + ")", values


def _within(word: str) -> str:
    return f"%{_escaped(word)}%"


def _beginning(word: str) -> str:
    return f"{_escaped(word)}%"


def _escaped(word: str) -> str:
    return word.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
