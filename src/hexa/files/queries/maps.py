"""The features of a layer, for a map: read by a reader, within bounds."""

from hexa.backends.storage.store import ObjectFacts
from hexa.files import errors, permissions
from hexa.files.models import Drive
from hexa.files.queries import rows
from hexa.files.queries.looks import Look
from hexa.foundation.actors import Actor

ENDINGS = ("geojson", "gpkg", "fgb")
MOST_BYTES = 64 * 2**20


def begun(
    drive: Drive, facts: ObjectFacts, layer: str, *, version: str = "", by: Actor
) -> rows.Errand:
    """What to ask a reader. Raises NotAMap, TooLargeToShow."""
    permissions.VIEW_FILES.require(by, drive.workspace)
    ending = rows.ending_of(facts.name)
    if ending not in ENDINGS:
        raise errors.NotAMap
    if facts.size_bytes > MOST_BYTES:
        raise errors.TooLargeToShow
    told = {"ending": ending, "layer": layer, "most_bytes": MOST_BYTES}
    source = {**rows.source_of(drive, facts, version), **told}
    return rows.Errand({"do": "features", "source": source}, Look())
