"""What our JupyterLab extension asks its server, under `<base>/hexa/`.

GET  status[?now=1]    the workspace, the drives, what the platform wants said
GET  address?path=…    a file's address and the lines of code that read it
POST stop, restart     end this session, or end it and start anew
POST keep              the person is here: not idle
"""

import asyncio
from pathlib import PurePosixPath
from typing import Literal

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from tornado import web

from hexa_lab.activity import Activity
from hexa_lab.contents import HexaContents
from hexa_lab.places import Place
from hexa_lab.refusals import Refusal, answer
from hexakit import Address, NotAnAddress
from hexakit.pasting import duckdb_line, pandas_line, r_line

_LOOK_S = 2.0


class HexaHandler(APIHandler):
    auth_resource = "contents"

    @property
    def contents(self) -> HexaContents:
        contents = self.contents_manager
        assert isinstance(contents, HexaContents)
        return contents


class StatusHandler(HexaHandler):
    @web.authenticated
    @authorized
    async def get(self) -> None:
        if self.get_query_argument("now", ""):
            await self.contents.session.refresh()
        session = await self.contents.session.shown()
        drives = [
            {"name": drive.name, "access": drive.access} for drive in session.drives
        ]
        self.finish(
            {
                "workspace": dict(session.workspace) or None,
                "language": session.language,
                "drives": drives,
                **session.notices,
            }
        )


class AddressHandler(HexaHandler):
    @web.authenticated
    @authorized
    async def get(self) -> None:
        path = self.get_query_argument("path")
        self.finish(await names(self.contents, path))


class SessionHandler(HexaHandler):
    """Forwards to the platform, which alone starts and stops servers."""

    def initialize(self, verb: Literal["stop", "restart"]) -> None:
        self.verb = verb

    @web.authenticated
    @authorized
    async def post(self) -> None:
        try:
            await self.contents.session.post(self.verb)
        except Refusal as refusal:
            raise answer(refusal, self.contents.language) from refusal
        self.set_status(202)
        self.finish()


class KeepHandler(HexaHandler):
    def initialize(self, activity: Activity) -> None:
        self.activity = activity

    @web.authenticated
    @authorized
    async def post(self) -> None:
        try:
            await self.activity.keep()
        except Refusal as refusal:
            raise answer(refusal, self.contents.language) from refusal
        self.set_status(204)
        self.finish()


async def names(contents: HexaContents, path: str) -> dict[str, str]:
    """`address`, and unless it is a folder also `pandas`, `r` and `duckdb`."""
    address = address_of(contents, path)
    if await _is_folder(contents, path):
        return {"address": address}
    return {
        "address": address,
        "pandas": pandas_line(address),
        "r": r_line(address),
        "duckdb": duckdb_line(address),
    }


def address_of(contents: HexaContents, path: str) -> str:
    """A file in the home has its POSIX path, unless it is the bucket's folder."""
    if Place.of(path).drive is not None:
        return str(Address.of(path))
    local = str(PurePosixPath(contents.root_dir) / path)
    try:
        return str(Address.of(local))
    except NotAnAddress:
        return local


async def _is_folder(contents: HexaContents, path: str) -> bool:
    """A store that does not answer must not keep anyone from copying an address."""
    try:
        async with asyncio.timeout(_LOOK_S):
            return not await contents.file_exists(path)
    except (TimeoutError, web.HTTPError):
        return False
