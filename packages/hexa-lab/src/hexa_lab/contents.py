"""The contents manager: the personal home and one folder per drive, in one tree.

""                       the home's files, and every drive
"notes/a.ipynb"          the home: Jupyter's own manager of files
"s3:malaria-team/a.csv"  a drive: the object store
"""

import asyncio
import datetime as dt
import fnmatch
import os
import re
from collections.abc import Callable
from pathlib import Path

from jupyter_server.files.handlers import FilesHandler as JupyterFilesHandler
from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager
from jupyter_server.services.contents.manager import copy_pat
from tornado.web import RequestHandler
from traitlets import default

from hexa_lab import documents, objects
from hexa_lab.checkpoints import HomeCheckpoints
from hexa_lab.credentials import CredentialSource
from hexa_lab.downloads import FilesHandler
from hexa_lab.drives import Drives, OpenDrive
from hexa_lab.google import GoogleTokens
from hexa_lab.guard import SaveGuard
from hexa_lab.models import Model, entry, file_model, kind_of, stamp
from hexa_lab.places import Place, check_name
from hexa_lab.refusals import (
    AlreadyThere,
    BadRequest,
    DrivesStay,
    IntoItself,
    NoSuchDrive,
    NoSuchFile,
    NotADirectory,
    NotAFile,
    answering,
)
from hexa_lab.session import SessionClient, Token
from hexa_lab.transfers import Transfers
from hexa_lab.uploads import Uploads


class HexaContents(AsyncLargeFileManager):
    """Configured by the environment of the session (see the package's README)."""

    def __init__(self, **traits: object) -> None:
        super().__init__(**traits)
        token = Token(Path(os.environ["HEXA_TOKEN_FILE"]))
        self.session = SessionClient(
            os.environ["HEXA_SESSION_URL"],
            token,
            language=os.environ.get("HEXA_LANGUAGE", "en"),
        )
        self.credentials = CredentialSource(
            os.environ["AWS_CONTAINER_CREDENTIALS_FULL_URI"], token, self.session
        )
        session_url = os.environ["HEXA_SESSION_URL"]
        self.google = GoogleTokens(
            f"{session_url.rstrip('/')}/google/token/", token, self.session
        )
        self.drives = Drives(
            self.session,
            self.credentials,
            self.google,
            endpoint=os.environ.get("AWS_ENDPOINT_URL_S3"),
        )
        self.uploads = Uploads()
        self.guard = SaveGuard()
        self.transfers = Transfers(self.drives, self._local)
        # Folders of a bucket have no time of their own; a constant one is no news.
        self._opened_at = dt.datetime.now(dt.UTC)

    @default("files_handler_class")
    def _choose_files_handler(
        self,
    ) -> type[JupyterFilesHandler] | type[RequestHandler]:
        return FilesHandler

    @default("checkpoints_class")
    def _choose_checkpoints(self) -> type[HomeCheckpoints]:
        return HomeCheckpoints

    @property
    def language(self) -> str:
        return self.session.language

    async def close(self) -> None:
        self.uploads.close()
        await self.session.close()
        await self.credentials.close()
        await self.google.close()

    # Looking

    @answering
    async def file_exists(self, path: str = "") -> bool:
        place = Place.of(path)
        if place.drive is None:
            return bool(await super().file_exists(path))
        if place.is_drive:
            return False
        opened = await self.drives.open(place.drive)
        is_there = await objects.find(opened, place.key) is not None
        self.guard.looked(place, is_there=is_there)
        return is_there

    @answering
    async def dir_exists(self, path: str) -> bool:
        place = Place.of(path)
        if place.drive is None:
            return bool(await super().dir_exists(path))
        try:
            opened = await self.drives.open(place.drive)
        except NoSuchDrive:
            return False
        return await objects.has_folder(opened, place.key)

    async def exists(self, path: str) -> bool:
        # Jupyter's manager of files looks at the disk only.
        return await self.file_exists(path) or await self.dir_exists(path)

    async def is_hidden(self, path: str) -> bool:
        place = Place.of(path)
        if place.drive is None:
            return bool(await super().is_hidden(path))
        return any(part.startswith(".") for part in place.key.split("/"))

    async def get_kernel_path(self, path: str, model: Model | None = None) -> str:
        """A notebook in a drive runs in the home: a drive is not a folder of the disk."""
        if Place.of(path).drive is not None:
            return ""
        return str(await super().get_kernel_path(path, model))

    @answering
    async def get(
        self,
        path: str,
        content: bool = True,  # noqa: FBT001, FBT002  # Jupyter's signature
        type: str | None = None,  # noqa: A002
        format: str | None = None,  # noqa: A002
        require_hash: bool = False,  # noqa: FBT001, FBT002
    ) -> Model:
        place = Place.of(path)
        if place.drive is None:
            # Jupyter asks this too, but without waiting for the answer.
            if not await self.exists(path):
                raise NoSuchFile(path=place.path)
            model: Model = await super().get(path, content, type, format, require_hash)
            return await self._with_drives(model) if content else model
        opened = await self.drives.open(place.drive)
        if type == "directory" or place.is_drive:
            return await self._folder(opened, place, type, with_content=bool(content))
        meta = await objects.find(opened, place.key)
        if meta is None and type is None:
            return await self._folder(opened, place, type, with_content=bool(content))
        if meta is None:
            if await objects.has_folder(opened, place.key):
                raise NotAFile(path=place.path)
            raise NoSuchFile(path=place.path)
        if content:
            return await self._open(opened, place, type, format)
        self.guard.saw(place, meta)
        return file_model(place.path, meta, is_writable=opened.is_writable, kind=type)

    async def _with_drives(self, model: Model) -> Model:
        """Drives stand in the root, beside what the home holds."""
        if model["path"]:
            return model
        session = await self.session.shown()
        drives = [
            entry(
                drive.name,
                "directory",
                is_writable=drive.access == "write",
                modified=self._opened_at,
            )
            for drive in session.drives
        ]
        return {**model, "content": [*model["content"], *drives]}

    async def _folder(
        self, opened: OpenDrive, place: Place, kind: str | None, *, with_content: bool
    ) -> Model:
        if kind not in {None, "directory"}:
            raise NotAFile(path=place.path)
        model = entry(
            place.path,
            "directory",
            is_writable=opened.is_writable,
            modified=self._opened_at,
        )
        if not with_content:
            if not await objects.has_folder(opened, place.key):
                raise NoSuchFile(path=place.path)
            return model
        found = await objects.listing(opened, place.key)
        if not found.is_there:
            if kind and await objects.find(opened, place.key) is not None:
                raise NotADirectory(path=place.path)
            raise NoSuchFile(path=place.path)
        # In a thread, so that others are served while thousands are written.
        model["content"] = await asyncio.to_thread(self._entries, opened, found)
        model["format"] = "json"
        return model

    def _entries(self, opened: OpenDrive, found: objects.Listing) -> list[Model]:
        top, is_writable = opened.drive.name + "/", opened.is_writable
        opened_at = stamp(self._opened_at)
        is_hidden = self._hiding()
        folders = [
            entry(top + key, "directory", is_writable=is_writable, modified=opened_at)
            for key in found.folders
            if not is_hidden(key.rpartition("/")[2])
        ]
        files = [
            entry(
                top + meta["path"],
                kind_of(meta["path"]),
                is_writable=is_writable,
                modified=stamp(meta["last_modified"]),
                size=meta["size"],
            )
            for meta in found.files
            if not is_hidden(meta["path"].rpartition("/")[2])
        ]
        return folders + files

    def _hiding(self) -> Callable[[str], object]:
        """As `should_list`, with its patterns made into one: asked of every name."""
        patterns = [fnmatch.translate(glob) for glob in self.hide_globs]
        if not self.allow_hidden:
            patterns.append(r"\.")
        return re.compile("|".join(patterns) or "(?!)").match

    async def _open(
        self, opened: OpenDrive, place: Place, kind: str | None, form: str | None
    ) -> Model:
        path = place.path
        documents.check_size(path, await objects.head(opened, place.key))
        body, meta = await objects.read(opened, place.key)
        self.guard.saw(place, meta)
        model = file_model(path, meta, is_writable=opened.is_writable, kind=kind)
        if model["type"] == "notebook":
            notebook = await documents.notebook_of(path, body)
            self.mark_trusted_cells(notebook, path)
            model["content"], model["format"] = notebook, "json"
            self.validate_notebook_model(model)
            return model
        content, form = await documents.text_or_base64(path, body, form)
        model["content"], model["format"] = content, form
        if model["mimetype"] is None:
            is_text = form == "text"
            model["mimetype"] = "text/plain" if is_text else "application/octet-stream"
        return model

    # Writing

    @answering
    async def save(self, model: Model, path: str = "") -> Model:
        place = Place.of(path)
        if place.drive is None:
            saved: Model = await super().save(model, path)
            return saved
        kind = model.get("type")
        if kind not in {"file", "notebook", "directory"}:
            raise BadRequest(why=f"type {kind}")
        if "content" not in model and kind != "directory":
            raise BadRequest(why="no content")
        check_name(place)
        opened = await self.drives.open_to_write(place.drive)
        if kind == "directory":
            return await self._make_folder(opened, place)
        if model.get("chunk"):
            return await self._take_chunk(opened, place, model)
        self.run_pre_save_hooks(model=model, path=place.path)
        return await self._write(opened, place, model)

    async def _make_folder(self, opened: OpenDrive, place: Place) -> Model:
        if await objects.find(opened, place.key) is not None:
            raise AlreadyThere(path=place.path)
        if not await objects.has_folder(opened, place.key):
            await objects.make_folder(opened, place.key)
        self.emit(data={"action": "save", "path": place.path})
        return entry(
            place.path, "directory", is_writable=True, modified=self._opened_at
        )

    async def _write(self, opened: OpenDrive, place: Place, model: Model) -> Model:
        message = None
        if model["type"] == "notebook":
            self.validate_notebook_model(model)
            message = model.get("message")
        body = await documents.bytes_of(model)
        if model["type"] == "notebook":
            notebook = await documents.notebook_of(place.path, body)
            self.check_and_sign(notebook, place.path)
        await self.guard.write(opened, place, body)
        self.emit(data={"action": "save", "path": place.path})
        saved = await self._saved(opened, place, model["type"])
        if message:
            saved["message"] = message
        return saved

    async def _take_chunk(self, opened: OpenDrive, place: Place, model: Model) -> Model:
        chunk = int(model["chunk"])
        body = await documents.bytes_of(model)
        size = await self.uploads.take(opened, place, chunk, body)
        if chunk == -1:
            self.emit(data={"action": "save", "path": place.path})
            return await self._saved(opened, place, "file")
        now = dt.datetime.now(dt.UTC)
        return entry(place.path, "file", is_writable=True, modified=now, size=size)

    async def _saved(self, opened: OpenDrive, place: Place, kind: str) -> Model:
        meta = await objects.head(opened, place.key)
        self.guard.saw(place, meta)
        return file_model(place.path, meta, is_writable=True, kind=kind)

    @answering
    async def delete_file(self, path: str) -> None:
        place = Place.of(path)
        if place.drive is None:
            await super().delete_file(path)
            return
        if place.is_drive:
            raise DrivesStay
        await self.transfers.delete(place)
        self.guard.forget(place)

    @answering
    async def rename_file(self, old_path: str, new_path: str) -> None:
        old, new = Place.of(old_path), Place.of(new_path)
        if old.drive is None and new.drive is None:
            await super().rename_file(old_path, new_path)
            return
        if old == new:
            return
        await self._check_target(old, new)
        await self.transfers.move(old, new)
        self.guard.forget(old)
        self.guard.forget(new)

    @answering
    async def copy(self, from_path: str, to_path: str | None = None) -> Model:
        """Into a folder under a free name, or to a name that must be free."""
        source = Place.of(from_path)
        wanted = source.parent if to_path is None else Place.of(to_path)
        if source.drive is None and wanted.drive is None:
            copied: Model = await super().copy(from_path, to_path)
            return copied
        target = wanted
        if await self.dir_exists(wanted.path):
            name = copy_pat.sub(".", source.name)
            name = await self.increment_filename(name, wanted.path, insert="-Copy")
            target = wanted.below(name)
        await self._check_target(source, target)
        await self.transfers.copy(source, target)
        self.guard.forget(target)
        self.emit(
            data={"action": "copy", "path": target.path, "source_path": source.path}
        )
        model: Model = await self.get(target.path, content=False)
        return model

    async def _check_target(self, source: Place, target: Place) -> None:
        """Raises a Refusal unless `target` is a free name that may be written."""
        if source.is_drive or target.is_drive:
            raise DrivesStay
        if source.holds(target):
            raise IntoItself
        if target.drive is not None:
            check_name(target)
            await self.drives.open_to_write(target.drive)
        if await self.exists(target.path):
            raise AlreadyThere(path=target.path)

    def _local(self, place: Place) -> Path:
        """Raises 404 for what lies outside the home."""
        return Path(self._get_os_path(place.path))
