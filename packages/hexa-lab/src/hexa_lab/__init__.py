"""OpenHexa inside JupyterLab: drives in the file explorer, addresses that work."""


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    # Named, not imported: `launch` must be able to run before Jupyter is imported.
    return [{"module": "hexa_lab.extension"}]
