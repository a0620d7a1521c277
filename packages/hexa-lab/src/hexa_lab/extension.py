"""The server extension: routes for our JupyterLab extension, and a clean end."""

import gc
from typing import Final

from jupyter_server.serverapp import ServerApp
from jupyter_server.utils import url_path_join

from hexa_lab import looks, opening
from hexa_lab.activity import Activity
from hexa_lab.contents import HexaContents
from hexa_lab.lists import ROUTE, ListsHandler
from hexa_lab.routes import (
    AddressHandler,
    KeepHandler,
    SessionHandler,
    StatusHandler,
)
from hexa_lab.squeezing import squeeze

_ACTIVITY: Final = "hexa_activity"


def _load_jupyter_server_extension(server: ServerApp) -> None:
    """Called by Jupyter once, before the event loop runs."""
    contents = server.contents_manager
    assert isinstance(contents, HexaContents), "see hexa_lab/config"
    activity = Activity(server, contents.session)
    server.web_app.settings[_ACTIVITY] = activity
    squeeze(server.web_app)
    looks.follow(server)
    root = server.web_app.settings["base_url"]
    base = url_path_join(root, "hexa")
    server.web_app.add_handlers(
        ".*$",
        [
            (url_path_join(root, ROUTE), ListsHandler),
            (url_path_join(base, "status"), StatusHandler),
            (url_path_join(base, "address"), AddressHandler),
            (url_path_join(base, "stop"), SessionHandler, {"verb": "stop"}),
            (url_path_join(base, "restart"), SessionHandler, {"verb": "restart"}),
            (url_path_join(base, "keep"), KeepHandler, {"activity": activity}),
        ],
    )


async def _start_jupyter_server_extension(server: ServerApp) -> None:
    """Called by Jupyter once the event loop runs."""
    # What was imported stays: looking through it for garbage, each time a folder of
    # thousands is listed, costs as much as listing it.
    gc.freeze()
    opening.show(server)
    _activity(server).begin()


async def _unload_jupyter_server_extension(server: ServerApp) -> None:
    """Called by Jupyter when the server stops."""
    _activity(server).end()
    contents = server.contents_manager
    assert isinstance(contents, HexaContents)
    await contents.close()


def _activity(server: ServerApp) -> Activity:
    activity = server.web_app.settings[_ACTIVITY]
    assert isinstance(activity, Activity)
    return activity
