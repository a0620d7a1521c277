"""Pages of rows, asked of the page and of the address the grid fetches from."""

import contextlib
import json
import threading
import zipfile
from dataclasses import replace
from io import BytesIO
from typing import Any

import psutil
import pyarrow as pa
import pytest
from django.test import Client
from django.urls import reverse
from pyarrow import parquet

from hexa.backends.readers import errors as readers
from hexa.backends.readers.jobs import Jobs
from hexa.backends.storage.store import Marker, ObjectStore
from hexa.files import errors
from hexa.files.models import Drive
from hexa.files.queries import rows, tables
from hexa.files.queries.looks import Look, look_from
from hexa.workspaces.models import Role
from tests.conftest import SignedIn
from tests.makers import TESTS, make_member
from tests.samples import workbook

pytestmark = pytest.mark.django_db


def page(drive: Drive, objects: ObjectStore, name: str, look: Look) -> tables.Table:
    return rows.page(drive, objects.head(drive.bucket, name), look, by=TESTS)


def first_cells(table: tables.Table) -> list[str | None]:
    return [row[0] for row in table.rows]


@pytest.fixture
def weights(drive: Drive, objects: ObjectStore) -> str:
    """A Parquet of many row groups: id, district, weight (every third is missing)."""
    count = 30_000
    table = pa.table(
        {
            "id": pa.array(range(count), pa.int64()),
            "district": [f"district {at % 50}" for at in range(count)],
            "weight": [
                None if at % 3 == 0 else at * 7919 % 1000 / 8 for at in range(count)
            ],
        }
    )
    written = BytesIO()
    parquet.write_table(table, written, row_group_size=2000)
    objects.put(drive.bucket, "weights.parquet", written.getvalue())
    return "weights.parquet"


def test_a_parquet_shows_types_counts_and_any_page(
    drive: Drive, objects: ObjectStore, weights: str
) -> None:
    table = page(drive, objects, weights, Look())
    assert [column.type for column in table.columns] == ["int64", "string", "double"]
    assert [column.kind for column in table.columns] == ["number", "text", "number"]
    assert table.rows[0] == ["0", "district 0", None]
    assert (table.row_count, table.following, len(table.rows)) == (30_000, 100, 100)
    last = page(drive, objects, weights, Look(at=29_950))
    assert (last.rows[-1][0], last.following) == ("29999", None)


def test_rows_are_ordered_and_filtered_over_the_whole_file(
    drive: Drive, objects: ObjectStore, weights: str
) -> None:
    found = page(drive, objects, weights, Look(order=("weight", "desc"), count=50))
    cells = [float(row[2] or "nan") for row in found.rows]
    assert cells == sorted(cells, reverse=True)
    assert cells[0] == 999 / 8
    second = page(
        drive, objects, weights, Look(order=("weight", "desc"), at=50, count=50)
    )
    assert not set(first_cells(found)) & set(first_cells(second))
    conditions = (("district", "contains", "TRICT 7"), ("weight", ">", "120"))
    picked = page(drive, objects, weights, Look(where=conditions))
    assert picked.matching is not None
    assert 0 < picked.matching < 30_000
    assert {row[1] for row in picked.rows} == {"district 7"}
    missing = page(drive, objects, weights, Look(where=(("weight", "missing", ""),)))
    assert missing.matching == 10_000


@pytest.mark.parametrize(
    "look",
    [
        Look(order=("nowhere", "asc")),
        Look(where=(("id", "=", "many"),)),
        Look(where=(('id" OR 1=1 --', "=", "1"),)),
        Look(where=(("id", "= 1 OR 1 =", "1"),)),
    ],
)
def test_what_the_table_has_not_is_refused_and_is_no_sql(
    drive: Drive, objects: ObjectStore, weights: str, look: Look
) -> None:
    with pytest.raises(readers.NoSuchColumn):
        page(drive, objects, weights, look)


FRENCH = "nom;cas;taux\r\n" + "".join(
    f'"Bé {at}";{at // 1000 or ""}{" " if at >= 1000 else ""}{at % 1000:0{3 if at >= 1000 else 1}d};{at / 8:.3f}\r\n'.replace(
        ".", ","
    )
    for at in range(3000)
)


def test_a_french_csv_is_paged_by_bytes_and_ordered_as_numbers(
    drive: Drive, objects: ObjectStore
) -> None:
    objects.put(drive.bucket, "x.csv", FRENCH.encode("cp1252"))
    seen: list[str | None] = []
    look = Look(count=200)
    while True:
        table = page(drive, objects, "x.csv", look)
        seen += first_cells(table)
        if table.following is None:
            break
        look = Look(at=table.following, count=200)
    assert seen == [f"Bé {at}" for at in range(3000)]
    assert table.rows[-1] == ["Bé 2999", "2999", "374.875"]
    largest = page(drive, objects, "x.csv", Look(order=("cas", "desc")))
    assert largest.rows[0] == ["Bé 2999", "2999", "374.875"]
    few = page(drive, objects, "x.csv", Look(where=(("taux", "≥", "374.5"),)))
    assert (few.matching, few.row_count) == (4, 3000)


@pytest.mark.parametrize(
    "codec", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "mac-roman"]
)
def test_lines_in_quotes_survive_the_cuts_between_pages(
    drive: Drive, objects: ObjectStore, codec: str
) -> None:
    text = "n,note\n" + "".join(f'{at},"é, two\nlines"\n' for at in range(500))
    objects.put(drive.bucket, "x.csv", text.encode(codec))
    told = "mac-roman" if codec == "mac-roman" else ""
    found, at = [], 0
    for _ in range(20):
        table = page(drive, objects, "x.csv", Look(at=at, count=77, encoding=told))
        found += [tuple(row) for row in table.rows]
        if table.following is None:
            break
        at = table.following
    assert found == [(str(at), "é, two\nlines") for at in range(500)]


@pytest.mark.parametrize(
    ("text", "comma", "expected"),
    [
        ("1 234,5", True, "1234.5"),
        ("1.234,5", True, "1234.5"),
        ("1\u202f234\u202f567", True, "1234567"),
        ("1,234,567.8", False, "1234567.8"),
        ("-3e-7", False, "-3e-7"),
        ("12345678901234567890", False, None),
        ("12 34", False, None),
        ("nan", False, None),
        ("1_000", False, None),
        ("Infinity", False, None),
    ],
)
def test_quantities_are_known_however_they_are_written(
    text: str, comma: bool, expected: str | None
) -> None:
    assert tables.number(text, has_decimal_comma=comma) == expected


def test_how_a_csv_is_read_can_be_said(
    drive: Drive, objects: ObjectStore, signed_in: SignedIn
) -> None:
    objects.put(drive.bucket, "x.csv", b"a|b;c\n1|2;3\n")
    viewer: Client = signed_in(make_member(drive.workspace, role=Role.VIEWER))
    address = drive.url_of("x.csv")
    shown = viewer.get(f"{address}?delimiter=|&encoding=mac-roman").content.decode()
    assert "Mac Roman" in shown
    assert ">b;c<" in shown
    source = reverse("files_rows", args=[drive.workspace.slug, drive.name, "x.csv"])
    assert f'source="{source}?delimiter=%7C&amp;encoding=mac-roman"' in shown


def test_a_large_csv_is_shown_but_not_ordered(
    drive: Drive, objects: ObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    objects.put(drive.bucket, "x.csv", b"a,b\n" + b"1,2\n" * 1000)
    monkeypatch.setattr(rows, "_TEXT_ORDERED", 1000)
    assert page(drive, objects, "x.csv", Look()).can_be_ordered is False
    with pytest.raises(errors.TooLargeToOrder):
        page(drive, objects, "x.csv", Look(order=("a", "asc")))


def test_json_lines_are_a_table_in_their_own_order_and_others(
    drive: Drive, objects: ObjectStore
) -> None:
    lines = [
        json.dumps({"n": at, "place": {"name": "Bé"}, "ok": at % 2 == 0, "gone": None})
        for at in range(700)
    ]
    objects.put(drive.bucket, "x.jsonl", "\n".join(lines).encode())
    first = page(drive, objects, "x.jsonl", Look(count=500))
    assert first.rows[1] == ["1", '{"name": "Bé"}', "false", None]
    kinds = [column.kind for column in first.columns]
    assert kinds == ["number", "other", "boolean", "text"]
    assert first.following is not None
    rest = page(drive, objects, "x.jsonl", Look(at=first.following, count=500))
    assert (first_cells(rest)[0], first_cells(rest)[-1]) == ("500", "699")
    assert rest.following is None
    assert first.can_be_ordered
    largest = page(drive, objects, "x.jsonl", Look(order=("n", "desc"), count=5))
    assert first_cells(largest) == ["699", "698", "697", "696", "695"]
    assert largest.columns == first.columns
    few = page(
        drive, objects, "x.jsonl", Look(where=(("ok", "=", "true"), ("n", "<", "10")))
    )
    assert few.rows[-1] == ["8", '{"name": "Bé"}', "true", None]
    assert (few.matching, few.row_count) == (5, 700)
    objects.put(drive.bucket, "trap.jsonl", b"[" * 300_000)
    with pytest.raises(errors.NotATable):
        page(drive, objects, "trap.jsonl", Look())


def test_a_workbook_has_its_sheets_as_tabs(
    drive: Drive, objects: ObjectStore, signed_in: SignedIn
) -> None:
    content = workbook(
        {
            "Cas": [["district", "cas"], ["Golfe", 12], ["Bé", 7]],
            "Décès": [["district", "taux"], ["Golfe", 0.5]],
        }
    )
    objects.put(drive.bucket, "x.xlsx", content)
    table = page(drive, objects, "x.xlsx", Look())
    assert (table.sheets, table.sheet) == (["Cas", "Décès"], "Cas")
    assert table.rows == [["Golfe", "12"], ["Bé", "7"]]
    assert [column.kind for column in table.columns] == ["text", "number"]
    ordered = page(drive, objects, "x.xlsx", Look(order=("cas", "asc")))
    assert first_cells(ordered) == ["Bé", "Golfe"]
    viewer: Client = signed_in(make_member(drive.workspace, role=Role.VIEWER))
    shown = viewer.get(
        drive.url_of("x.xlsx") + "?sheet=D%C3%A9c%C3%A8s"
    ).content.decode()
    assert "0.5" in shown
    assert 'href="?sheet=Cas"' in shown


def test_a_workbook_that_unpacks_to_too_much_is_not_unpacked(
    drive: Drive, objects: ObjectStore
) -> None:
    packed = BytesIO()
    with (
        zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as book,
        book.open("xl/worksheets/s1.xml", "w") as sheet,
    ):
        for _ in range(420):
            sheet.write(bytes(2**20))
    objects.put(drive.bucket, "x.xlsx", packed.getvalue())
    with pytest.raises(readers.TooHeavy):
        page(drive, objects, "x.xlsx", Look())


def test_a_reader_that_dies_or_is_not_waited_for_harms_nobody(
    drive: Drive, objects: ObjectStore, weights: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = objects.head(drive.bucket, weights)
    asked = rows.begun(drive, facts, Look(order=("weight", "asc")), by=TESTS)
    assert isinstance(asked, rows.Errand)
    nobody = threading.Event()
    nobody.set()
    with pytest.raises(readers.Cancelled):
        rows.finished(asked, nobody)
    monkeypatch.setattr(rows, "_PATIENCE_S", 0.0)
    stopped = [
        process
        for process in psutil.Process().children()
        if "hexa.backends.readers" in process.cmdline()
    ]
    for process in stopped:
        process.suspend()
    with pytest.raises(readers.TooHeavy):
        rows.finished(asked)
    for process in stopped:
        with contextlib.suppress(psutil.NoSuchProcess):  # the one that was asked
            process.resume()
    monkeypatch.undo()
    assert len(rows.finished(asked).rows) == 100


def test_the_pages_that_follow_in_an_order_are_read_while_nobody_asks(
    drive: Drive, objects: ObjectStore, weights: str
) -> None:
    facts = objects.head(drive.bucket, weights)
    look = Look(order=("weight", "desc"), count=50)
    errand = rows.begun(drive, facts, look, by=TESTS)
    assert isinstance(errand, rows.Errand)
    first, jobs, busy = errand.job, Jobs(), Jobs()
    for one in (jobs, busy):
        # What is not remembered as a page has to be read from the store.
        one.tables.connection.execute("SET enable_external_file_cache = false")
        assert len(one.answer(first)["ok"]["rows"]) == 50
    busy.make_way({**first, "where": [["id", "=", "1"]]})
    for one in (jobs, busy):
        one.read_ahead(first)
    told = rows.finished(replace(errand, job={**first, "start": 100}))
    objects.forget(drive.bucket, [Marker(facts.key, facts.version)])
    assert jobs.answer({**first, "start": 100})["ok"]["rows"] == told.rows
    for one, start in ((jobs, 1000), (busy, 50)):
        assert one.answer({**first, "start": start})["failed"]


def test_the_grid_fetches_pages_with_constant_queries(
    drive: Drive,
    weights: str,
    signed_in: SignedIn,
    django_assert_max_num_queries: Any,
) -> None:
    viewer: Client = signed_in(make_member(drive.workspace, role=Role.VIEWER))
    source = reverse("files_rows", args=[drive.workspace.slug, drive.name, weights])
    query = {
        "order": "desc:id",
        "where": json.dumps([["district", "=", "district 3"]]),
        "count": "10",
    }
    with django_assert_max_num_queries(10):
        answer = viewer.get(source, query)
    told = answer.json()
    assert told["matching"] == 600
    assert told["next"] == 10
    assert [row[0] for row in told["rows"]][:2] == ["29953", "29903"]
    wrong = viewer.get(
        source, {"order": "asc:nowhere"}, headers={"Accept": "application/json"}
    )
    assert (wrong.status_code, wrong.json()["code"]) == (422, "NO_SUCH_COLUMN")


def test_an_order_that_cannot_be_is_explained_and_the_rows_are_shown(
    drive: Drive, weights: str, signed_in: SignedIn
) -> None:
    viewer: Client = signed_in(make_member(drive.workspace, role=Role.VIEWER))
    shown = viewer.get(f"{drive.url_of(weights)}?order=asc:nowhere").content.decode()
    assert "The table has no such column" in shown
    assert "district 0" in shown
    assert '"order": ""' in shown


@pytest.mark.parametrize(
    "query",
    [
        {"where": "[" * 3000, "order": "sideways:x", "at": "-1", "count": "many"},
        {"where": '[["a", "=", 1], ["b"], 3]', "encoding": "rot13", "delimiter": "é"},
        {"where": '{"a": 1}', "decimal": "?", "at": "9" * 40},
    ],
)
def test_an_address_that_makes_no_sense_means_nothing(query: dict[str, str]) -> None:
    assert look_from(query) == Look()
