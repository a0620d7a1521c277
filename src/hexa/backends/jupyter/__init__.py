"""Notebook servers: JupyterHub, its configuration, its spawner and its REST interface."""

import sys

# As if not installed, before the hub is imported: jsonschema would build a grammar of
# addresses for a format that nothing here has, which costs each start of the hub a second
# of processor time and 16 MB for as long as it runs.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
