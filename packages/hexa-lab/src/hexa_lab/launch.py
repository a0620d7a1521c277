"""`hexa-session`: the notebook server of one session, with our settings.

What a new home begins with is fetched while the server is being imported.
"""

import os
import sys
import threading
from pathlib import Path

from hexa_lab import welcome

SETTINGS = Path(__file__).parent / "config"


def main() -> None:
    """Arguments are those of `jupyterhub-singleuser`."""
    os.environ["JUPYTER_CONFIG_PATH"] = str(SETTINGS)
    placing = threading.Thread(target=welcome.place, args=(Path.home(),), daemon=True)
    placing.start()
    # jsonschema would build a grammar of addresses at import, half the time that Lab
    # needs to start, to check a format that no event of a notebook server has.
    sys.modules["rfc3987_syntax"] = None  # type: ignore[assignment]
    # Imported late on purpose: this takes a second, in which the files arrive.
    from jupyterhub.singleuser import main as serve  # noqa: PLC0415

    placing.join(timeout=5)
    sys.exit(serve())
