"""Modules that come along with Jupyter's and do nothing in a notebook server.

Everybody who starts one would wait for them. Nobody can miss them: the environment is
locked, people's own packages are not seen by the server, and kernels are processes of
their own.
"""

import sys
from types import ModuleType

_OF_THE_HUB_ITSELF = (
    # Its database and pages; a server has neither, and imports both for two names.
    "sqlalchemy",
    "sqlalchemy.exc",
    "jupyterhub.orm",
    "jupyterhub.handlers",
    "jupyterhub.handlers.pages",
)


class _Unused(ModuleType):
    """Every name in it is an error of its own: caught or compared with, never met."""

    def __getattr__(self, name: str) -> type[Exception]:
        if name.startswith("__"):
            raise AttributeError(name)
        made = type(name, (Exception,), {"__module__": self.__name__})
        setattr(self, name, made)
        return made


def spare() -> None:
    """To be called before anything of Jupyter is imported."""
    for name in _OF_THE_HUB_ITSELF:
        sys.modules[name] = _Unused(name)
