"""The Demo workspace: real data, openly licensed, and notebooks that read it."""

import tomllib
from importlib.metadata import distribution
from pathlib import Path

from hexa.accounts.models import User
from hexa.files import actions as files
from hexa.foundation.actors import System
from hexa.workspaces import actions as workspaces
from hexa.workspaces.models import Workspace

SLUG = "demo"
CONTENT = Path(__file__).parents[1] / "content" / "demo"
SEEDER = System("demo")


def seed(*, admin: User) -> Workspace:
    """Make the workspace and fill its bucket, in the language of its admin.

    Runs once, when the first administrator exists, and may be run again after a
    failure: what is there already is kept.
    """
    found = Workspace.objects.visible_to(SEEDER).filter(slug=SLUG).first()
    if found is not None and found.home_page_version:
        return found
    workspace = found or workspaces.create(name="Demo", slug=SLUG, by=admin)
    bucket = files.own_bucket(workspace)
    french = admin.speaks == "fr"
    files.put(
        workspace, "data/SOURCE.md", (CONTENT / "SOURCE.md").read_bytes(), by=SEEDER
    )
    key, table = published_table()
    files.put(workspace, key, table, by=SEEDER)
    for stem in ("demo-python", "demo-r"):
        source = CONTENT / f"{stem}{'.fr' if french else ''}.ipynb"
        files.put(workspace, f"{stem}.ipynb", _filled(source, bucket), by=SEEDER)
    page = _filled(CONTENT / f"home-page.{'fr' if french else 'en'}.md", bucket)
    workspaces.write_home_page(workspace, text=page.decode(), based_on=0, by=SEEDER)
    return workspace


def published_table() -> tuple[str, bytes]:
    """Key and UTF-8 bytes of the data set, as `content/demo/source.toml` says.

    A CSV with one header line; source and licence: `content/demo/SOURCE.md`.
    """
    source = tomllib.loads((CONTENT / "source.toml").read_text(encoding="utf-8"))
    place = distribution(source["distribution"]).locate_file(source["file"])
    text = Path(str(place)).read_text(encoding=source["encoding"])
    lines = text.splitlines(keepends=True)[source["title_lines"] :]
    table = "".join(lines)
    for change in source["replace"]:
        table = table.replace(change["from"], change["to"])
    return source["key"], table.encode()


def _filled(path: Path, bucket: str) -> bytes:
    return path.read_text(encoding="utf-8").replace("{{bucket}}", bucket).encode()
