"""Copying and moving between places, streamed whenever one of them is a drive.

Nothing here overwrites: the callers choose names that are free.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from hexa_lab import objects
from hexa_lab.drives import Drives, OpenDrive
from hexa_lab.objects import PART
from hexa_lab.places import Place
from hexa_lab.refusals import NoSuchFile, StoreDown, store_errors

if TYPE_CHECKING:  # obstore has these for type checkers only
    from obstore import ObjectMeta


_CHECKPOINTS = ".ipynb_checkpoints"


class Transfers:
    """`local` turns a place of the home into its path."""

    def __init__(self, drives: Drives, local: Callable[[Place], Path]) -> None:
        self._drives = drives
        self._local = local

    async def copy(self, source: Place, target: Place) -> None:
        """A file, or a folder with all it holds. Raises NoSuchFile."""
        if source.drive is None:
            await self._from_home(source, target)
            return
        opened = await self._drives.open(source.drive)
        meta = await objects.find(opened, source.key)
        if meta is not None:
            await self._copy_object(opened, meta, target)
        else:
            await self._copy_folder(opened, source, target)

    async def move(self, source: Place, target: Place) -> None:
        """The source is deleted once all of it has arrived."""
        if source.drive is not None:
            await self._drives.open_to_write(source.drive)
        await self.copy(source, target)
        await self.delete(source)

    async def delete(self, place: Place) -> None:
        """Raises NoSuchFile. In the home: what was moved away."""
        if place.drive is None:
            await asyncio.to_thread(_remove, self._local(place))
            return
        opened = await self._drives.open_to_write(place.drive)
        if await objects.find(opened, place.key) is not None:
            await objects.delete(opened, [place.key])
        elif await objects.has_folder(opened, place.key):
            await objects.delete_folder(opened, place.key)
        else:
            raise NoSuchFile(path=place.path)

    async def _copy_folder(
        self, opened: OpenDrive, source: Place, target: Place
    ) -> None:
        is_there = False
        async for files, folders in objects.walk(opened, source.key):
            is_there = True

            async def copied(meta: ObjectMeta) -> None:
                await self._copy_object(opened, meta, moved(meta["path"]))

            def moved(key: str) -> Place:
                return Place.of(target.path + key.removeprefix(source.key))

            await objects.together(files, copied)
            for folder in folders:
                await self._make_folder(moved(folder))
        if not is_there:
            raise NoSuchFile(path=source.path)

    async def _copy_object(
        self, opened: OpenDrive, meta: ObjectMeta, target: Place
    ) -> None:
        if target.drive is None:
            await _download(opened, meta["path"], self._local(target))
            return
        other = await self._drives.open_to_write(target.drive)
        if other.drive == opened.drive:
            await objects.copy_within(opened, meta["path"], target.key, meta["size"])
        else:
            found = await objects.stream(opened, meta["path"])
            await objects.put_stream(other, target.key, found)
        await _arrived(other, target.key, meta["size"])

    async def _from_home(self, source: Place, target: Place) -> None:
        assert target.drive is not None, "within the home Jupyter copies by itself"
        opened = await self._drives.open_to_write(target.drive)
        root = self._local(source)
        if not root.is_dir():
            await _upload(opened, root, target.key)
            return
        files, folders = await asyncio.to_thread(_tree, root)
        for folder in folders:
            await self._make_folder(target.below(folder) if folder else target)

        async def sent(name: str) -> None:
            await _upload(opened, root / name, target.below(name).key)

        await objects.together(files, sent)

    async def _make_folder(self, place: Place) -> None:
        if place.drive is None:
            folder = self._local(place)
            await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
            return
        opened = await self._drives.open_to_write(place.drive)
        await objects.make_folder(opened, place.key)


async def _upload(opened: OpenDrive, file: Path, key: str) -> None:
    try:
        size = (await asyncio.to_thread(file.stat)).st_size
    except FileNotFoundError as error:
        raise NoSuchFile(path=file.name) from error
    await objects.put_file(opened, key, file)
    await _arrived(opened, key, size)


async def _download(opened: OpenDrive, key: str, file: Path) -> None:
    """By a temporary name, so that nobody reads half a file."""
    await asyncio.to_thread(file.parent.mkdir, parents=True, exist_ok=True)
    partial = file.with_name(f".{secrets.token_hex(8)}.part")
    found = await objects.stream(opened, key)
    try:
        with partial.open("xb") as content:
            with store_errors(key):
                async for chunk in found.stream(min_chunk_size=PART):
                    await asyncio.to_thread(content.write, chunk)
            await asyncio.to_thread(os.fsync, content.fileno())
        partial.rename(file)
    finally:
        partial.unlink(missing_ok=True)


async def _arrived(opened: OpenDrive, key: str, size: int) -> None:
    """Raises StoreDown unless the store holds all of it."""
    meta = await objects.find(opened, key)
    if meta is None or meta["size"] != size:
        raise StoreDown


def _tree(root: Path) -> tuple[list[str], list[str]]:
    """Files and empty folders below, relative. What a checkpoint keeps stays behind."""
    files: list[str] = []
    empty: list[str] = []
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if name != _CHECKPOINTS]
        here = Path(folder).relative_to(root)
        files += [str(here / name) for name in names if (root / here / name).is_file()]
        if not folders and not names:
            empty.append("" if here == Path() else str(here))
    return files, empty


def _remove(path: Path) -> None:
    if not path.is_dir() or path.is_symlink():
        path.unlink()
        return
    shutil.rmtree(path)
