"""A server extension with the platform's routes and none of the platform.

JupyterLab's own process loads it from this folder. Drives are folders on disk, and
the status is whatever `status.json` beside them says, so that a test can bring about
in a second what the platform does in minutes: an idle warning, a withdrawn access, a
kill. POSTs are written to `asked.json`.

Jupyter is not installed where types are checked, hence the ignored imports.
"""

import json
from pathlib import Path
from typing import Any

from jupyter_server.base.handlers import APIHandler  # type: ignore[import-not-found]
from jupyter_server.services.contents.largefilemanager import (  # type: ignore[import-not-found]
    AsyncLargeFileManager,
)
from jupyter_server.utils import url_path_join  # type: ignore[import-not-found]
from tornado import web

from hexakit.addresses import Address, NotAnAddress

Model = dict[str, Any]


class Drives(AsyncLargeFileManager):  # type: ignore[misc]
    """The home, with folders named like drives of which some may only be read."""

    async def get(self, path: str, *args: Any, **kwargs: Any) -> Model:
        model: Model = await super().get(path, *args, **kwargs)
        for found in [model, *(model["content"] if self._lists(model) else [])]:
            found["writable"] = not self._is_closed(found["path"])
        return model

    async def save(self, model: Model, path: str = "") -> Model:
        if self._is_closed(path):
            raise web.HTTPError(403, "You may read this drive, not write to it.")
        saved: Model = await super().save(model, path)
        return saved

    def _lists(self, model: Model) -> bool:
        return model["type"] == "directory" and model["content"] is not None

    def _is_closed(self, path: str) -> bool:
        drives = status_in(self.root_dir)["drives"]
        name = path.strip("/").split("/")[0]
        return any(d["name"] == name and d["access"] == "read" for d in drives)


class StatusHandler(APIHandler):  # type: ignore[misc]
    @web.authenticated
    def get(self) -> None:
        self.finish(status_in(self.settings["server_root_dir"]))


class AddressHandler(APIHandler):  # type: ignore[misc]
    @web.authenticated
    def get(self) -> None:
        path = self.get_argument("path", strip=False)
        try:
            address = Address.of(path)
        except NotAnAddress:
            self.finish({"address": f"/home/hexa/{path}"})
            return
        self.finish(
            {
                "address": str(address),
                "pandas": address.pandas_line,
                "r": address.r_line,
                "duckdb": address.duckdb_line,
            }
        )


class AskedHandler(APIHandler):  # type: ignore[misc]
    @web.authenticated
    def post(self, verb: str) -> None:
        asked = Path(self.settings["server_root_dir"]).expanduser() / "asked.json"
        verbs = json.loads(asked.read_text()) if asked.exists() else []
        asked.write_text(json.dumps([*verbs, verb]))
        self.set_status(202)
        self.finish("{}")


def status_in(root: str) -> Model:
    status: Model = json.loads((Path(root).expanduser() / "status.json").read_text())
    return status


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "standin"}]


def _load_jupyter_server_extension(server: Any) -> None:
    base = url_path_join(server.web_app.settings["base_url"], "hexa")
    server.web_app.add_handlers(
        ".*",
        [
            (url_path_join(base, "status"), StatusHandler),
            (url_path_join(base, "address"), AddressHandler),
            (url_path_join(base, "(stop|restart|keep)"), AskedHandler),
        ],
    )
