"""JupyterLab in the language the person chose on the platform.

Lab has no option for it but its own default settings, which it reads once, at its start,
from the folders of JUPYTER_CONFIG_PATH. What a person chooses inside Lab wins; a change
on the platform shows in the next session.
"""

import os
from pathlib import Path

_FOLDER = Path(__file__).parent / "config" / "languages"
_VARIABLE = "JUPYTER_CONFIG_PATH"


def follow(language: str) -> None:
    """To be called before Lab reads its settings. English needs no folder."""
    chosen = _FOLDER / language
    if chosen.parent == _FOLDER and chosen.is_dir():
        given = os.environ.get(_VARIABLE, "").split(os.pathsep)
        os.environ[_VARIABLE] = os.pathsep.join([str(chosen), *filter(None, given)])
