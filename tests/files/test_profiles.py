"""What a column holds, as its head in the grid shows it, held against the values."""

import datetime as dt
import json
from collections import Counter
from io import BytesIO
from typing import Any

import pyarrow as pa
import pytest
from django.test import Client
from django.urls import reverse
from pyarrow import parquet

from hexa.backends.readers import errors as readers
from hexa.backends.storage.store import ObjectStore
from hexa.files import errors
from hexa.files.models import Drive
from hexa.files.queries import profiles, rows
from hexa.files.queries.looks import Condition, Look
from hexa.workspaces.models import Role
from tests.conftest import SignedIn
from tests.makers import TESTS, make_member
from tests.samples import workbook

pytestmark = pytest.mark.django_db

COUNT = 5000
CASES = [None if at % 10 == 0 else (at * 7919) % 101 for at in range(COUNT)]
DAYS = [dt.date(2026, 1, 1) + dt.timedelta(days=at % 90) for at in range(COUNT)]


class Profiled:
    def __init__(self, drive: Drive, objects: ObjectStore) -> None:
        self.drive, self.objects = drive, objects

    def put(self, name: str, content: bytes) -> None:
        self.objects.put(self.drive.bucket, name, content)

    def __call__(
        self, name: str, column: str, where: tuple[Condition, ...] = ()
    ) -> dict[str, Any]:
        facts = self.objects.head(self.drive.bucket, name)
        look = Look(where=where)
        return rows.answered(profiles.begun(self.drive, facts, look, column, by=TESTS))


@pytest.fixture
def profile(drive: Drive, objects: ObjectStore) -> Profiled:
    return Profiled(drive, objects)


@pytest.fixture
def visits(profile: Profiled) -> str:
    district = [f"district {at % 50 if at % 2 else 7}" for at in range(COUNT)]
    columns = {
        "cases": pa.array(CASES, pa.int32()),
        "rate": [float("nan") if at == 3 else at / 8 for at in range(COUNT)],
        "day": DAYS,
        "seen": [
            dt.datetime(2026, 1, 1, 8, at % 60, tzinfo=dt.UTC) for at in range(COUNT)
        ],
        "at": [dt.time(8, at % 60) for at in range(COUNT)],
        "district": district,
        "id": [f"id {at}" for at in range(COUNT)],
        "is_late": [at % 4 == 0 for at in range(COUNT)],
        "tags": [[str(at)] for at in range(COUNT)],
        "nothing": pa.array([None] * COUNT, pa.float64()),
        "same": [4.5] * COUNT,
        "wide": [-1.7e308 if at % 2 else 1.7e308 for at in range(COUNT)],
    }
    written = BytesIO()
    parquet.write_table(pa.table(columns), written, row_group_size=1000)
    profile.put("visits.parquet", written.getvalue())
    return "visits.parquet"


def test_whole_numbers_stand_in_whole_bars(profile: Profiled, visits: str) -> None:
    told = profile(visits, "cases")
    present = [value for value in CASES if value is not None]
    assert (told["count"], told["missing"]) == (COUNT, COUNT - len(present))
    assert (told["distinct"], told["is_exact"]) == (len(set(present)), True)
    assert (told["least"], told["most"]) == ("0", "100")
    assert float(told["mean"]) == pytest.approx(sum(present) / len(present), rel=1e-5)
    # 101 values in bars of seven: the last has room for more than there are.
    assert [bar[:2] for bar in told["bars"][:2]] == [["0", "6"], ["7", "13"]]
    assert told["bars"][-1][:2] == ["98", "100"]
    held = Counter(value // 7 for value in present)
    assert [bar[2] for bar in told["bars"]] == [held[at] for at in range(15)]


def test_dates_stand_in_whole_days(profile: Profiled, visits: str) -> None:
    told = profile(visits, "day")
    assert (told["least"], told["most"], told["mean"]) == (
        "2026-01-01",
        "2026-03-31",
        None,
    )
    # 90 days in bars of six.
    assert told["bars"][0][:2] == ["2026-01-01", "2026-01-06"]
    assert told["bars"][-1][:2] == ["2026-03-26", "2026-03-31"]
    assert sum(bar[2] for bar in told["bars"]) == COUNT
    moments = profile(visits, "seen")["bars"]
    assert moments[0][0] == "2026-01-01 08:00"
    assert moments[-1][1] == "2026-01-01 08:59"
    assert sum(bar[2] for bar in moments) == COUNT


def test_what_is_no_number_does_not_move_the_bars(
    profile: Profiled, visits: str
) -> None:
    told = profile(visits, "rate")
    assert (told["least"], told["most"]) == ("0.0", "624.875")
    assert [len(told["bars"]), sum(bar[2] for bar in told["bars"])] == [16, COUNT - 1]
    for name in ("nothing", "wide"):
        assert profile(visits, name)["bars"] == []
    assert profile(visits, "nothing")["missing"] == COUNT
    assert profile(visits, "same")["bars"] == [["4.5", "4.5", COUNT]]


def test_texts_name_what_is_frequent(profile: Profiled, visits: str) -> None:
    told = profile(visits, "district")
    assert told["distinct"] == 25
    assert told["common"][0] == ["district 7", COUNT // 2 + COUNT // 50]
    assert [rows for _, rows in told["common"][1:]] == [COUNT // 50] * 2
    assert profile(visits, "id")["common"] == []
    assert profile(visits, "is_late")["common"] == [["false", 3750], ["true", 1250]]
    for name in ("tags", "at"):
        told = profile(visits, name)
        assert (told["count"], told["bars"], told["common"]) == (COUNT, [], [])


def test_only_rows_that_match_are_told_of(profile: Profiled, visits: str) -> None:
    told = profile(visits, "cases", (("district", "=", "district 3"),))
    assert told["count"] == COUNT // 50
    late = profile(visits, "is_late", (("cases", "missing", ""),))
    assert late["common"] == [["false", 250], ["true", 250]]


def test_texts_of_a_csv_are_the_quantities_and_days_they_mean(
    profile: Profiled,
) -> None:
    lines = [
        f"{at / 8:.3f};2026-02-{at % 28 + 1:02d}".replace(".", ",") for at in range(400)
    ]
    profile.put("x.csv", "\n".join(["taux;jour", *lines, "?;?", ";"]).encode())
    taux = profile("x.csv", "taux")
    assert (taux["count"], taux["missing"], taux["most"]) == (402, 2, "49.875")
    assert float(taux["mean"]) == pytest.approx(sum(range(400)) / 8 / 400, rel=1e-5)
    jour = profile("x.csv", "jour")
    assert (jour["least"], jour["most"]) == ("2026-02-01", "2026-02-28")
    assert jour["bars"][0] == ["2026-02-01", "2026-02-02", 30]


def test_other_kinds_of_tables_have_profiles_too(profile: Profiled) -> None:
    profile.put("x.xlsx", workbook({"Cas": [["cas"], [12], [7], [7]]}))
    assert profile("x.xlsx", "cas")["bars"][0] == ["7", "7", 2]
    profile.put("x.jsonl", b'{"cas": 12}\n{"cas": 7}\n{"cas": 7}\n')
    assert profile("x.jsonl", "cas")["bars"][-1] == ["12", "12", 1]


@pytest.mark.parametrize("column", ["", "nowhere", 'id"; DROP TABLE x; --', "rowid"])
def test_what_the_table_has_not_has_no_profile(
    profile: Profiled, visits: str, column: str
) -> None:
    with pytest.raises(readers.NoSuchColumn):
        profile(visits, column)


def test_a_file_that_cannot_be_ordered_has_no_profiles(profile: Profiled) -> None:
    line = b"a" * 99 + b"\n"
    profile.put("large.csv", b"name\n" + line * (64 * 2**20 // len(line) + 1))
    with pytest.raises(errors.TooLargeToOrder):
        profile("large.csv", "name")
    profile.put("notes.txt", b"x")
    with pytest.raises(errors.NotATable):
        profile("notes.txt", "x")


def test_the_grid_is_told_with_constant_queries(
    drive: Drive,
    visits: str,
    signed_in: SignedIn,
    django_assert_max_num_queries: Any,
) -> None:
    viewer: Client = signed_in(make_member(drive.workspace, role=Role.VIEWER))
    source = reverse("files_profile", args=[drive.workspace.slug, drive.name, visits])
    where = json.dumps([["cases", "<", "10"]])
    with django_assert_max_num_queries(10):
        answer = viewer.get(source, {"column": "cases", "where": where})
    assert answer.json()["most"] == "9"
    wrong = viewer.get(
        source, {"column": "nowhere"}, headers={"Accept": "application/json"}
    )
    assert (wrong.status_code, wrong.json()["code"]) == (422, "NO_SUCH_COLUMN")
