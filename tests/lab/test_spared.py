"""What a session's server does without, since everybody waits for its imports."""

import json
import subprocess

from tests.lab.server import LAB

_IMPORTED = """
import json, sys
from hexa_lab import launch
before = sorted(sys.modules)
launch.spared.spare()
launch._import_all()
print(json.dumps([before, sorted(sys.modules)]))
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
    assert not {"sqlalchemy.orm", "alembic", "rfc3987_syntax.syntax_helpers"} & {*after}
