"""`hexa-session`: the notebook server of one session, with our settings.

What a new home begins with is fetched while the server is being imported.
"""

import importlib
import os
import sys
import threading
from pathlib import Path

from hexa_lab import spared, waiting, welcome

SETTINGS = Path(__file__).parent / "config"


def main() -> None:
    """Arguments are those of `jupyterhub-singleuser`, after `--waiting` or not."""
    spared.spare()
    if sys.argv[1:2] == ["--waiting"]:
        del sys.argv[1]
        _import_all()
        waiting.become_somebody()
    _prepare(Path.home())
    os.environ["JUPYTER_CONFIG_PATH"] = str(SETTINGS)
    # Rather no server than one without its drives.
    os.environ["TRAITLETS_APPLICATION_RAISE_CONFIG_FILE_ERROR"] = "1"
    placing = threading.Thread(target=welcome.place, args=(Path.home(),), daemon=True)
    placing.start()
    # Late on purpose: this takes a second, in which the files arrive.
    _import_all()
    from jupyterhub.singleuser import main as serve  # noqa: PLC0415

    placing.join(timeout=5)
    sys.exit(serve())


def _import_all() -> None:
    # Where JupyterLab finds Node when imported, it asks yarn which registry it would build
    # itself from: half a second, for an answer that nobody needs here.
    path = os.environ.get("PATH", os.defpath)
    os.environ["PATH"] = ""
    for name in ("jupyterhub.singleuser", "jupyterlab.labapp", "hexa_lab.extension"):
        importlib.import_module(name)
    os.environ["PATH"] = path


def _prepare(home: Path) -> None:
    """Folders that are named to Jupyter, and the bucket's folder in the home."""
    for variable in ("TMPDIR", "JUPYTER_RUNTIME_DIR"):
        Path(os.environ[variable]).mkdir(parents=True, exist_ok=True)
    # A link, since the bucket is mounted anew, behind it, when its folder service
    # restarts. What a person made of that name stays.
    link = home / "workspace"
    if link.is_symlink():
        link.unlink()
    if not link.exists():
        link.symlink_to(os.environ["HEXA_WORKSPACE_FOLDER"])
