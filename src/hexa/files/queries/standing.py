"""What stands where files are to go."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from posixpath import splitext

from hexa.backends.storage.errors import ObjectNotFound
from hexa.backends.storage.store import ObjectFacts
from hexa.files.models import Drive
from hexa.files.queries.store import store_of

_AT_A_TIME = 8
# From so many files of one folder on, a page of it costs less than asking for each.
_WORTH_A_PAGE = 4
_PAGE = 1_000


def standing(drive: Drive, keys: Collection[str]) -> Mapping[str, ObjectFacts]:
    """The facts of those that are there, in at most one request for each."""
    folders: dict[str, list[str]] = defaultdict(list)
    for key in keys:
        folders[key[: key.rfind("/") + 1]].append(key)
    with ThreadPoolExecutor(_AT_A_TIME) as threads:
        pages = list(
            threads.map(lambda item: _paged(drive, *item), list(folders.items()))
        )
        single = [key for _, undecided in pages for key in undecided]
        asked = list(threads.map(lambda key: at(drive, key), single))
    found = [one for page, _ in pages for one in page] + [one for one in asked if one]
    return {one.key: one for one in found}


def at(drive: Drive, key: str) -> ObjectFacts | None:
    try:
        return store_of(drive).head(drive.bucket, key)
    except ObjectNotFound:
        return None


def free_key(drive: Drive, key: str) -> str:
    """`a (2).csv`, `a (3).csv`, …: the first that nothing stands at."""
    stem, extension = splitext(key)
    return next(
        candidate
        for number in count(2)
        if at(drive, candidate := f"{stem} ({number}){extension}") is None
    )


def _paged(
    drive: Drive, folder: str, keys: Collection[str]
) -> tuple[list[ObjectFacts], list[str]]:
    """Those of one folder that are there, and those that a page of it does not tell."""
    if len(keys) < _WORTH_A_PAGE:
        return [], list(keys)
    page = store_of(drive).list_page(drive.bucket, folder, limit=_PAGE)
    wanted = set(keys)
    found = [one for one in page.objects if one.key in wanted]
    if page.next is None:
        return found, []
    return found, list(wanted - {one.key for one in found})
