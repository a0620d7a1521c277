"""The server extension: routes for our JupyterLab extension, and a clean end."""

from jupyter_server.serverapp import ServerApp
from jupyter_server.utils import url_path_join

from hexa_lab.contents import HexaContents
from hexa_lab.routes import (
    AddressHandler,
    KeepHandler,
    SessionHandler,
    StatusHandler,
)


def load(server: ServerApp) -> None:
    """Called by Jupyter once, before the event loop runs."""
    contents = server.contents_manager
    assert isinstance(contents, HexaContents), "see hexa_lab/config"
    base = url_path_join(server.web_app.settings["base_url"], "hexa")
    server.web_app.add_handlers(
        ".*$",
        [
            (url_path_join(base, "status"), StatusHandler),
            (url_path_join(base, "address"), AddressHandler),
            (url_path_join(base, "stop"), SessionHandler, {"verb": "stop"}),
            (url_path_join(base, "restart"), SessionHandler, {"verb": "restart"}),
            (url_path_join(base, "keep"), KeepHandler),
        ],
    )


async def unload(server: ServerApp) -> None:
    """Called by Jupyter when the server stops."""
    contents = server.contents_manager
    assert isinstance(contents, HexaContents)
    await contents.close()
