"""The process of JupyterHub, without what its libraries import and nobody here uses.

    python -m hexa.backends.jupyter.hub_process --config run/hub.json

The environment is locked, so nobody can come to need them unseen.
"""

import importlib
import sys
from types import ModuleType

# Colours in tracebacks of templates, in pages that alembic never draws.
_OPTIONAL = "mako.ext.pygmentplugin"
_OF_OTHERS = (
    # Who signs people in elsewhere; the package imports them all for their old names.
    "oauthenticator.bitbucket",
    "oauthenticator.cilogon",
    "oauthenticator.github",
    "oauthenticator.google",
)


def spare() -> None:
    """To be called before anything of Jupyter is imported."""
    sys.modules[_OPTIONAL] = None  # type: ignore[assignment]  # as if not installed
    for name in _OF_OTHERS:
        sys.modules[name] = ModuleType(name)


def main() -> None:
    spare()
    # Imported late on purpose: its imports are the ones that are spared.
    importlib.import_module("hexa.backends.jupyter.hub_config").main()


if __name__ == "__main__":
    main()
