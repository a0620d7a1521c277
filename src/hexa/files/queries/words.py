"""Names as they are looked for: without accents, capitals and composition.

Folded here rather than in the database, whose `unaccent` depends on its settings and
may not be indexed: one rule for what is kept and for what is typed, in NFC or NFD.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

# Longer names are found by their beginning: an index row has room for 2.7 kB, which a
# name and a folder share.
_LONGEST_BYTES = 1000
MOST_WORDS = 8
# Fewer letters make no trigram: such a word is looked for where a name begins.
_SHORTEST_INSIDE = 3


def folded(text: str) -> str:
    whole = "".join(_folded(sign) for sign in text).encode(errors="ignore")
    return whole[:_LONGEST_BYTES].decode(errors="ignore")


@dataclass(frozen=True, slots=True)
class Wanted:
    """The words of a search. Each must lie in the name or its folder, one in the name.

    `ending`: what the name must end in, from words like `.csv` or `*.csv`.
    """

    words: Sequence[str]
    ending: str = ""

    def __bool__(self) -> bool:
        return bool(self.words or self.ending)

    @property
    def inside(self) -> list[str]:
        return [word for word in self.words if len(word) >= _SHORTEST_INSIDE]

    @property
    def parts(self) -> list[str]:
        return [*self.words, *([self.ending] if self.ending else [])]


def wanted(typed: str) -> Wanted:
    words, ending = [], ""
    for word in folded(typed).split()[:MOST_WORDS]:
        bare = word.removeprefix("*")
        if bare.startswith(".") and len(bare) > 1:
            ending = bare
        elif bare := bare.removesuffix("*"):
            words.append(bare)
    return Wanted(tuple(dict.fromkeys(words)), ending)


def marked(name: str, parts: Sequence[str]) -> list[tuple[str, bool]]:
    """The name cut into pieces, each with whether it was looked for."""
    hit = [False] * len(name)
    text, origin = "", []
    for index, sign in enumerate(name):
        piece = _folded(sign)
        text += piece
        origin += [index] * len(piece)
    for part in parts:
        start = text.find(part)
        while start >= 0:
            for index in origin[start : start + len(part)]:
                hit[index] = True
            start = text.find(part, start + 1)
    return list(_pieces(name, hit))


def _pieces(name: str, hit: Sequence[bool]) -> Iterator[tuple[str, bool]]:
    begun = 0
    for index in range(1, len(name) + 1):
        # An accent of its own belongs to the letter before it.
        joins = index < len(name) and unicodedata.combining(name[index])
        if index == len(name) or (hit[index] != hit[begun] and not joins):
            yield name[begun:index], hit[begun]
            begun = index


def _folded(sign: str) -> str:
    plain = unicodedata.normalize("NFKD", sign.casefold())
    return "".join(one for one in plain if not unicodedata.combining(one)).casefold()
