"""What can be done with the objects of an open drive; errors come as Refusals."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import obstore

from hexa_lab.drives import OpenDrive
from hexa_lab.refusals import NoEmptyFolders, NoSuchFile, store_errors

if TYPE_CHECKING:  # obstore has these for type checkers only
    from obstore import GetResult, ObjectMeta


PART = 8 << 20  # bytes of one part of a multipart upload
PARTS_IN_FLIGHT = 4
# S3 copies an object by one request only up to here.
_COPY_LIMIT = 5 << 30
_TOGETHER = 16

T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Listing:
    """One folder. `folders` are keys without a slash at their end."""

    folders: Sequence[str]
    files: Sequence[ObjectMeta]
    is_there: bool


async def find(opened: OpenDrive, key: str) -> ObjectMeta | None:
    try:
        with store_errors(key):
            return await obstore.head_async(opened.store, key)
    except NoSuchFile:
        return None


async def head(opened: OpenDrive, key: str) -> ObjectMeta:
    """Raises NoSuchFile."""
    with store_errors(key):
        return await obstore.head_async(opened.store, key)


async def has_folder(opened: OpenDrive, key: str) -> bool:
    if not key:
        return True
    with store_errors(key):
        async for chunk in obstore.list(opened.store, key + "/", chunk_size=1):
            return bool(chunk)
    return False


async def listing(opened: OpenDrive, key: str) -> Listing:
    with store_errors(key):
        found = await obstore.list_with_delimiter_async(
            opened.store, key + "/" if key else None
        )
    # The folder's own marker is listed under the folder's name.
    files = [meta for meta in found["objects"] if meta["path"] != key]
    is_there = not key or bool(found["objects"] or found["common_prefixes"])
    return Listing(found["common_prefixes"], files, is_there)


async def read(opened: OpenDrive, key: str) -> tuple[bytes, ObjectMeta]:
    """The whole object in memory: for what was found small enough."""
    with store_errors(key):
        found = await obstore.get_async(opened.store, key)
        return (await found.bytes_async()).to_bytes(), found.meta


async def put_file(opened: OpenDrive, key: str, file: Path) -> None:
    with store_errors(key):
        await obstore.put_async(
            opened.store, key, file, chunk_size=PART, max_concurrency=PARTS_IN_FLIGHT
        )


async def put_stream(opened: OpenDrive, key: str, source: GetResult) -> None:
    with store_errors(key):
        await obstore.put_async(
            opened.store,
            key,
            source.stream(min_chunk_size=PART),
            chunk_size=PART,
            max_concurrency=PARTS_IN_FLIGHT,
        )


async def stream(opened: OpenDrive, key: str) -> GetResult:
    with store_errors(key):
        return await obstore.get_async(opened.store, key)


async def copy_within(opened: OpenDrive, key: str, new_key: str, size: int) -> None:
    if size >= _COPY_LIMIT:
        await put_stream(opened, new_key, await stream(opened, key))
        return
    with store_errors(key):
        await obstore.copy_async(opened.store, key, new_key)


async def delete(opened: OpenDrive, keys: Sequence[str]) -> None:
    with store_errors(keys[0] if keys else ""):
        await obstore.delete_async(opened.store, keys)


async def make_folder(opened: OpenDrive, key: str) -> None:
    if opened.markers is None:
        raise NoEmptyFolders(drive=opened.drive.name)
    await opened.markers.make(key)


async def delete_folder(opened: OpenDrive, key: str) -> None:
    async for files, folders in walk(opened, key):
        if files:
            await delete(opened, [meta["path"] for meta in files])
        if opened.markers is not None:
            for folder in folders:
                await opened.markers.delete(folder)


async def walk(
    opened: OpenDrive, key: str
) -> AsyncIterator[tuple[list[ObjectMeta], list[str]]]:
    """Page by page everything below a folder: its objects, and its folders' markers.

    obstore tells a marker "a/" and an empty object "a" apart by nothing but a look.
    """
    pages = obstore.list(opened.store, key + "/", chunk_size=1000)
    while True:
        with store_errors(key):
            try:
                page = await anext(pages)
            except StopAsyncIteration:
                return
        empty = [meta["path"] for meta in page if meta["size"] == 0]
        looks = await together(empty, lambda path: find(opened, path))
        folders = {path for path, meta in zip(empty, looks, strict=True) if not meta}
        files = [meta for meta in page if meta["path"] not in folders]
        yield files, sorted(folders)


async def together(items: Iterable[T], action: Callable[[T], Awaitable[R]]) -> list[R]:
    """The action on every item, a few at a time; results in the items' order."""
    slots = asyncio.Semaphore(_TOGETHER)

    async def one(item: T) -> R:
        async with slots:
            return await action(item)

    return await asyncio.gather(*(one(item) for item in items))
