"""What the hub does without, since it would be held for as long as it runs."""

import json
import subprocess
import sys

_IMPORTED = """
import json, sys
from hexa.backends.jupyter import hub_process
before = sorted(sys.modules)
hub_process.spare()
import hexa.backends.jupyter.hub_config
import oauthenticator.generic
print(json.dumps([before, sorted(sys.modules)]))
"""


def test_the_hub_begins_without_what_none_of_its_pages_uses() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _IMPORTED], capture_output=True, text=True, check=True
    )
    before, after = json.loads(done.stdout)
    # Else its heaviest parts are there before anybody could spare them.
    assert not {"jupyterhub", "jsonschema", "alembic"} & set(before)
    assert {"jupyterhub.app", "jsonschema", "oauthenticator.generic"} <= {*after}
    assert not {"lark", "arrow", "pygments", "ruamel.yaml"} & {*after}
