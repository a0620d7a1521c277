"""What is in a column of a table, for those that a reader can order."""

from dataclasses import replace

from hexa.backends.storage.store import ObjectFacts
from hexa.files.models import Drive
from hexa.files.queries import rows
from hexa.files.queries.looks import Look
from hexa.foundation.actors import Actor


def begun(
    drive: Drive, facts: ObjectFacts, look: Look, column: str, *, by: Actor
) -> rows.Errand:
    """What to ask a reader about the rows that match. Raises as `rows.begun`."""
    # In an order, since that is asked of a reader whatever the file.
    errand = rows.begun(drive, facts, replace(look, order=(column, "asc")), by=by)
    assert isinstance(errand, rows.Errand)
    job = {
        "do": "profile",
        "source": errand.job["source"],
        "column": column,
        "where": look.where,
    }
    return replace(errand, job=job)
