"""Jupyter's settings inside a sandbox, found through JUPYTER_CONFIG_PATH."""

import os
from pathlib import Path

from traitlets.config import get_config

from hexa_lab.contents import HexaContents

c = get_config()

c.ServerApp.contents_manager_class = HexaContents
c.ServerApp.jpserver_extensions = {
    "hexa_lab": True,
    "jupyterlab": True,
    "jupyter_lsp": False,  # no language server is installed
    "notebook_shim": False,  # for settings of the classic notebook, which nobody has
}
c.ServerApp.terminado_settings = {"shell_command": ["/bin/bash", "-l"]}
c.ServerApp.quit_button = False  # the workspace page and our File menu stop a session

# A trash folder would be made inside the bucket's folder too, and never emptied.
c.FileContentsManager.delete_to_trash = False
c.FileContentsManager.always_delete_dir = True

# No language server is installed; looking for some costs a second of every start.
c.LanguageServerManager.autodetect = False

# Environments are locked and read-only; nothing of Lab calls out to the net.
c.LabApp.extension_manager = "readonly"
c.LabApp.news_url = None
c.LabApp.check_for_updates_class = "jupyterlab.NeverCheckForUpdate"
c.LabApp.extra_labextensions_path = [
    str(Path(__file__).parent.parent / "labextension"),
]

# JupyterHub reads this when it is imported, which a server held ready did as nobody:
# its cookies would go to every page of the platform, and stay beside newer ones.
if "JUPYTERHUB_SERVICE_PREFIX" in os.environ:
    c.HubOAuth.base_url = os.environ["JUPYTERHUB_SERVICE_PREFIX"]
