"""JupyterLab in the language the person chose on the platform.

Lab has no setting for it but its own default settings, which it reads anew for every
page from the folders of JUPYTER_CONFIG_PATH. What a person chooses inside Lab wins.
"""

import os
from pathlib import Path

_FOLDER = Path(__file__).parent / "config" / "languages"
_VARIABLE = "JUPYTER_CONFIG_PATH"


def follow(language: str) -> None:
    """Takes effect when the page is next loaded. English needs no folder."""
    given = os.environ.get(_VARIABLE, "").split(os.pathsep)
    kept = [folder for folder in given if folder and Path(folder).parent != _FOLDER]
    chosen = _FOLDER / language
    if chosen.is_dir():
        kept.insert(0, str(chosen))
    os.environ[_VARIABLE] = os.pathsep.join(kept)
