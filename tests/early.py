"""Loaded before everything else (`-p tests.early`): a data folder of the tests' own.

The settings read the environment when they are imported, which pytest-django does
before any conftest; so the folder, its secrets and its ports must be there by then.
Nothing is started here; `tests/conftest.py` does that when a test asks.
"""

import atexit
import contextlib
import os
import shutil
import socket
import tempfile
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from hexa.site.installation import Installation

for _name in [n for n in os.environ if n.startswith("HEXA_")]:
    del os.environ[_name]

DATA = Path(tempfile.mkdtemp(prefix="hexa-test-"))
DATA.chmod(0o755)
os.environ["HEXA_DATA"] = str(DATA)
os.environ["HEXA_DEMO"] = "false"

_held = contextlib.ExitStack()
_installation = Installation(DATA)
_held.enter_context(_installation.held())
_waiting: dict[int, socket.socket] = {}
for _port in asdict(_installation.choose_ports()).values():
    # Its server may start minutes from now, and others beside us look for free ports.
    _waiting[_port] = _held.enter_context(socket.socket())
    _waiting[_port].bind(("127.0.0.1", _port))


def give(ports: Iterable[int]) -> None:
    """To the server that starts now."""
    for port in ports:
        _waiting.pop(port).close()


def _clean() -> None:
    _held.close()
    shutil.rmtree(DATA, ignore_errors=True)


atexit.register(_clean)
