"""Where files go, and what stands there already."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import count
from posixpath import splitext
from unicodedata import normalize

from django.utils.translation import gettext as _

from hexa.accounts.models import User
from hexa.backends.storage.errors import ObjectNotFound
from hexa.files import errors
from hexa.files.actions.objects import checked_key, record
from hexa.files.models import Drive
from hexa.files.queries.store import store_of

_FOLDER = "/"


class IfTaken(StrEnum):
    """What becomes of a file that would take the name of another."""

    ASK = ""
    KEEP_BOTH = "keep-both"
    REPLACE = "replace"


@dataclass(frozen=True, slots=True)
class Route:
    """A file or folder, and the key it gets; none for a deletion."""

    source: str
    target: str = ""


@dataclass(frozen=True, slots=True)
class Destination:
    """A folder; with `name`, that of the one thing that goes there.

    `seen` is what TargetTaken said of what stands there: answering REPLACE, a person
    agrees to lose sight of exactly that. Where it would be gone for good, they also type
    its name, or how many they are: `confirmed`.
    """

    drive: Drive
    folder: str
    name: str = ""
    if_taken: IfTaken = IfTaken.ASK
    seen: str = ""
    confirmed: str = ""


def chosen(paths: Iterable[str]) -> list[str]:
    """Without what lies in another of them. Raises NothingChosen."""
    kept: list[str] = []
    for path in sorted(set(paths)):
        if not any(one.endswith("/") and path.startswith(one) for one in kept):
            kept.append(path)
    if not kept or "" in kept:
        raise errors.NothingChosen
    return kept


def routes(
    drive: Drive, paths: Sequence[str], *, to: Destination, leaves: bool, by: User
) -> list[Route]:
    """One for each path. `leaves`: it will not be where it was, as when moved.

    Raises ObjectNotFound, BadName, IntoItself, ThereAlready or TargetTaken.
    """
    is_here = drive.pk == to.drive.pk
    found: list[Route] = []
    taken: dict[str, str] = {}
    for source in paths:
        if what_stands_at(drive, source, is_exact=True) is None:
            raise ObjectNotFound
        target = _target(source, to)
        if (
            is_here
            and source.endswith("/")
            and target.startswith(source) != (target == source)
        ):
            raise errors.IntoItself
        if is_here and target == source:
            if leaves:
                raise errors.ThereAlready(name=named(source))
            target = _free(to.drive, target)
        elif there := what_stands_at(to.drive, target):
            if to.if_taken == IfTaken.KEEP_BOTH or _differ(target, there):
                target = _free(to.drive, target)
            else:
                taken[target] = there
        found.append(Route(source, target))
    _agreed(taken, to, by=by)
    return found


def what_stands_at(drive: Drive, key: str, *, is_exact: bool = False) -> str | None:
    """The etag of a file, "/" for a folder, None for nothing.

    A file and a folder of one name are in each other's way, unless it `is_exact`.
    """
    store, stem = store_of(drive), key.removesuffix("/")
    is_folder = key.endswith("/")
    if not (is_exact and is_folder):
        try:
            return store.head(drive.bucket, stem).etag
        except ObjectNotFound:
            if is_exact:
                return None
    inside = store.list_keys(drive.bucket, f"{stem}/", limit=1)
    return _FOLDER if inside.objects else None


def keeps_versions(drive: Drive) -> bool:
    return store_of(drive).keeps_versions(drive.bucket)


def named(path: str) -> str:
    return path.removesuffix("/").rpartition("/")[2]


def word_for(paths: Sequence[str]) -> str:
    """What is typed to lose these for good: the name of the one, of more their number."""
    return named(paths[0]) if len(paths) == 1 else str(len(paths))


def is_typed(typed: str, word: str) -> bool:
    """However its accents are composed: a keyboard does it one way, a store holds both."""
    one, other = (normalize("NFC", text.strip()) for text in (typed, word))
    return one == other


def _target(source: str, to: Destination) -> str:
    ending = "/" if source.endswith("/") else ""
    name = to.name.removesuffix("/") or named(source)
    return checked_key(to.folder, name + ending)


def _differ(target: str, there: str) -> bool:
    """A file does not replace a folder, nor a folder a file."""
    return target.endswith("/") != (there == _FOLDER)


def _free(drive: Drive, key: str) -> str:
    for candidate in _numbered(key):
        if what_stands_at(drive, candidate) is None:
            return checked_key("", candidate)
    raise AssertionError("there is always a further number")


def _numbered(key: str) -> Iterator[str]:
    """`a (2).csv`, `a (3).csv`, …; of a folder `a (2)/`."""
    ending = "/" if key.endswith("/") else ""
    stem, extension = (key[:-1], "") if ending else splitext(key)
    return (f"{stem} ({number}){extension}{ending}" for number in count(2))


def _agreed(taken: dict[str, str], to: Destination, *, by: User) -> None:
    if not taken:
        return
    seen = hashlib.sha256(json.dumps(sorted(taken.items())).encode()).hexdigest()[:16]
    word = "" if keeps_versions(to.drive) else word_for(list(taken))
    is_sure = not word or is_typed(to.confirmed, word)
    if to.if_taken != IfTaken.REPLACE or to.seen != seen or not is_sure:
        names = ", ".join(_("“%(name)s”") % {"name": named(target)} for target in taken)
        raise errors.TargetTaken(names=names, seen=seen, word=word)
    if word:
        for target in taken:
            record("file.replaced_for_good", to.drive, target, by=by)
