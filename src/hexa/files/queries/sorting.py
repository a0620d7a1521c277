"""A folder by size, date or falling name: what stores cannot, and the index can."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import BooleanField, Func, Q, Value

from hexa.files import permissions
from hexa.files.index import DriveIndex, IndexEntry
from hexa.files.models import Drive
from hexa.files.queries.listing import PAGE_SIZE, Entry
from hexa.foundation.actors import Actor

_FIELDS = {"name": "name", "size": "size_bytes", "date": "modified_at"}


@dataclass(frozen=True, slots=True)
class Order:
    field: str
    is_falling: bool

    @classmethod
    def asked(cls, text: str) -> "Order | None":
        """From `size`, `-date` …; None: by name, the order in which stores list."""
        field = _FIELDS.get(text.removeprefix("-"))
        if field is None or text == "name":
            return None
        return cls(field, text.startswith("-"))


@dataclass(frozen=True, slots=True)
class Sorted:
    """A page; `after` and `before` are where others begin and end, 0: there is none."""

    entries: Sequence[Entry]
    after: int = 0
    before: int = 0


def is_possible(drive: Drive) -> bool:
    """Once the first sweep of the drive is over: what is not known cannot be sorted."""
    return DriveIndex.objects.filter(drive=drive, swept_at__isnull=False).exists()


def folder(
    drive: Drive,
    path: str,
    order: Order,
    *,
    after: int = 0,
    before: int = 0,
    by: Actor,
) -> Sorted:
    """Folders by name, then files in the order asked for."""
    permissions.VIEW_FILES.require(by, drive.workspace)
    here = IndexEntry.objects.filter(drive=drive, folder=path)
    mark = here.filter(pk=before or after).first()
    is_back = bool(mark and before)
    rows: list[IndexEntry] = []
    kinds = [IndexEntry.Kind.FOLDER, IndexEntry.Kind.FILE]
    for kind in reversed(kinds) if is_back else kinds:
        own = _order_of(kind, order)
        wanted = Q(kind=kind)
        if mark and mark.kind == kind:
            wanted &= _beyond(mark, own, is_back=is_back)
        elif mark and (mark.kind > kind) != is_back:
            continue  # on an earlier page
        turn = "-" if own.is_falling != is_back else ""
        columns = dict.fromkeys((own.field, "name"))
        found = here.filter(wanted).order_by(*(f"{turn}{one}" for one in columns))
        rows += found[: PAGE_SIZE + 1 - len(rows)]
        if len(rows) > PAGE_SIZE:
            break
    shown = rows[:PAGE_SIZE]
    if is_back:
        shown.reverse()
    has_more = len(rows) > PAGE_SIZE
    return Sorted(
        [_entry(row) for row in shown],
        after=shown[-1].pk if shown and (has_more or is_back) else 0,
        before=shown[0].pk if shown and mark and (has_more or not is_back) else 0,
    )


def _order_of(kind: int, order: Order) -> Order:
    """Folders have neither size nor date."""
    is_file = kind == IndexEntry.Kind.FILE
    return order if is_file or order.field == "name" else Order("name", False)  # noqa: FBT003


def _beyond(mark: IndexEntry, order: Order, *, is_back: bool) -> Q:
    """What comes after the mark in this order, or before it.

    Compared as one row, so that the index is entered at the mark also where a million
    files have one size.
    """
    passes = "<" if order.is_falling != is_back else ">"
    columns = dict.fromkeys((order.field, "name"))
    place = Func(*columns, function="ROW")
    marked = Func(*(Value(getattr(mark, one)) for one in columns), function="ROW")
    return Q(
        Func(
            place,
            marked,
            template="%(expressions)s",
            arg_joiner=f" {passes} ",
            output_field=BooleanField(),
        )
    )


def _entry(row: IndexEntry) -> Entry:
    is_folder = row.kind == IndexEntry.Kind.FOLDER
    return Entry(
        name=row.name,
        key=row.key,
        is_folder=is_folder,
        size_bytes=None if is_folder else row.size_bytes,
        modified_at=None if is_folder else row.modified_at,
        etag=row.etag,
    )
