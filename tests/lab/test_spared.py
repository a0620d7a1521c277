"""What a session's server does without, since everybody waits for its imports."""

import json
import os
import subprocess
from pathlib import Path

from tests.lab.server import LAB

_IMPORTED = """
import json, sys
from hexa_lab import launch
before = sorted(sys.modules)
launch.spared.spare()
launch._import_all()
print(json.dumps([before, sorted(sys.modules)]))
"""
_PATH = """
import os
print(os.environ["PATH"])
"""


def test_a_server_begins_without_jupyter_and_never_takes_the_hubs_database() -> None:
    done = subprocess.run(
        [LAB / "bin" / "python", "-c", _IMPORTED],
        capture_output=True,
        text=True,
        check=True,
    )
    before, after = json.loads(done.stdout)
    # Else its heaviest parts are there before anybody could spare them.
    assert not {"jupyter_server", "jsonschema", "jupyterhub"} & set(before)
    assert "jupyterhub.singleuser.extension" in after
    assert not {"sqlalchemy.orm", "alembic", "rfc3987_syntax"} & {*after}


def test_nothing_is_run_for_what_jupyterlab_would_be_built_from(tmp_path: Path) -> None:
    node, found = tmp_path / "node", tmp_path / "was run"
    node.write_text(f"#!/bin/sh\n: > '{found}'\n")
    node.chmod(0o755)
    done = subprocess.run(
        [LAB / "bin" / "python", "-c", _IMPORTED + _PATH],
        env=os.environ | {"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[1:] == [str(tmp_path)]
    assert not found.exists()
