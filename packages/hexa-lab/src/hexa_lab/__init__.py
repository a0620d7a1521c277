"""OpenHexa inside JupyterLab: drives in the file explorer, addresses that work."""

from jupyter_server.serverapp import ServerApp

from hexa_lab import extension


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "hexa_lab"}]


def _load_jupyter_server_extension(server: ServerApp) -> None:
    extension.load(server)


async def _start_jupyter_server_extension(server: ServerApp) -> None:
    await extension.start(server)


async def _unload_jupyter_server_extension(server: ServerApp) -> None:
    await extension.unload(server)
