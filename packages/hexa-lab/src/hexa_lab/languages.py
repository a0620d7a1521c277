"""JupyterLab in the language the person chose on the platform.

Lab has no option for it but its own default settings, which it reads once, at its start,
from the folders of JUPYTER_CONFIG_PATH. What a person chooses inside Lab wins; a change
on the platform shows in the next session.
"""

import os
from pathlib import Path

import httpx

from hexa_lab.refusals import PlatformDown
from hexa_lab.session import Token

_FOLDER = Path(__file__).parent / "config" / "languages"
_VARIABLE = "JUPYTER_CONFIG_PATH"
# The server's start waits for this.
_PATIENCE_S = 2.0


def of_person() -> str:
    """`en`, also when the platform does not say."""
    try:
        answer = httpx.get(
            os.environ["HEXA_SESSION_URL"],
            headers=Token(Path(os.environ["HEXA_TOKEN_FILE"])).headers(),
            timeout=_PATIENCE_S,
            trust_env=False,
        )
        answer.raise_for_status()
        return str(answer.json()["person"]["language"])
    except (httpx.HTTPError, PlatformDown, KeyError, TypeError, ValueError):
        return "en"


def follow(language: str) -> None:
    """To be called before Lab reads its settings. English needs no folder."""
    chosen = _FOLDER / language
    if chosen.parent == _FOLDER and chosen.is_dir():
        given = os.environ.get(_VARIABLE, "").split(os.pathsep)
        os.environ[_VARIABLE] = os.pathsep.join([str(chosen), *filter(None, given)])
