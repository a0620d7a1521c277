"""What a folder of a million files costs: the same as one of two hundred, in counts."""

import re
import tracemalloc
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from hexa.files.actions import indexing
from hexa.files.index import DriveIndex, IndexEntry
from hexa.files.models import ConnectedBucket, Drive
from hexa.files.queries.listing import PAGE_SIZE
from hexa.workspaces.models import Role, Workspace
from tests.conftest import SignedIn
from tests.crowds import FEW, INDEXED, MANY, Crowd
from tests.foreign import Foreign, connect
from tests.makers import make_member
from tests.stores import KEY
from tests.stores_filled import name_of

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(900)]

STEPS = 8


@dataclass(frozen=True, slots=True)
class Cost:
    questions: int
    requests: int
    rows: int


@pytest.fixture
def viewer(workspace: Workspace, signed_in: SignedIn) -> Client:
    return signed_in(make_member(workspace, role=Role.VIEWER))


@pytest.fixture
def crowded(workspace: Workspace, crowd: Crowd, settings: object) -> Drive:
    return _connected(crowd, crowd.crowded, workspace, settings)


@pytest.fixture
def indexed(workspace: Workspace, crowd: Crowd, settings: object) -> Drive:
    drive = _connected(crowd, crowd.indexed, workspace, settings)
    while indexing.sweep(drive):
        pass
    return drive


def _connected(
    crowd: Crowd, bucket: str, workspace: Workspace, settings: object
) -> Drive:
    settings.STORE_NETWORKS = ("127.0.0.0/8",)  # type: ignore[attr-defined] # pytest-django's
    theirs = Foreign(crowd.server, crowd.server.connect(), bucket, KEY)
    drive = connect(theirs, workspace=workspace)
    ConnectedBucket.objects.filter(drive=drive).update(endpoint=crowd.relay.endpoint)
    return Drive.objects.select_related("connected", "workspace").get(pk=drive.pk)


def pages(
    viewer: Client, crowd: Crowd, url: str
) -> Iterator[tuple[Cost, list[str], str]]:
    """From this one on: its cost, its names and the page itself."""
    viewer.get(url)  # what is asked once in a while is not a page's own
    while url:
        crowd.relay.asked()
        with CaptureQueriesContext(connection) as asked:
            page = viewer.get(url)
        assert page.status_code == 200, url
        rows = [row.name for row in page.context["rows"]]
        cost = Cost(len(asked), len(crowd.relay.asked()), len(rows))
        yield cost, rows, page.content.decode()
        url = page.context["next_url"]


def test_a_page_of_a_million_files_costs_what_one_of_two_hundred_does(
    viewer: Client, crowd: Crowd, crowded: Drive
) -> None:
    small = list(pages(viewer, crowd, crowded.url_of("few/")))
    assert [name for _, rows, _ in small for name in rows] == [
        name_of(number) for number in range(FEW)
    ]
    usual = small[1]
    marks = ["", *(f"many/{name_of(at)}" for at in (99, MANY // 2, MANY - 101))]
    for mark in marks:
        url = f"{crowded.url_of('many/')}{f'?after={mark}' if mark else ''}"
        begun = int(re.findall(r"\d{7}", mark)[0]) + 1 if mark else 0
        found = pages(viewer, crowd, url)
        for number in range(2):
            cost, rows, page = next(found)
            at = begun + number * PAGE_SIZE
            assert rows == [name_of(at + one) for one in range(PAGE_SIZE)]
            assert cost == usual[0], url
            assert len(page) == pytest.approx(len(usual[2]), rel=0.05)
    # The last one there is, and nothing behind it.
    assert [len(rows) for _, rows, _ in found] == []
    assert usual[0].requests == 1
    assert usual[0].questions <= 10


def test_every_page_of_every_order_costs_the_same(
    viewer: Client, crowd: Crowd, indexed: Drive
) -> None:
    for sort in ("-name", "size", "-size", "date", "-date"):
        found = pages(viewer, crowd, f"{indexed.url_of('some/')}?sort={sort}")
        first, *others = [next(found)[0] for _ in range(10)]
        assert set(others) == {Cost(others[0].questions, 0, PAGE_SIZE)}, sort
        # It looks for folders too, where others look up the place they begin at.
        assert others[0].questions <= first.questions <= 11, sort


def test_a_search_costs_the_same_where_many_fit_and_where_one_does(
    viewer: Client, crowd: Crowd, indexed: Drive
) -> None:
    base = f"/workspaces/{indexed.workspace.slug}/files/search/{indexed.name}/"
    many, _ = hits(viewer, crowd, f"{base}?q=cases&folder=some/")
    assert many.rows == PAGE_SIZE
    last = name_of(INDEXED - 1)
    one, names = hits(viewer, crowd, f"{base}?q={last}")
    assert names == [last]
    assert many.requests == one.requests == 0
    assert max(many.questions, one.questions) <= 10


def hits(viewer: Client, crowd: Crowd, url: str) -> tuple[Cost, list[str]]:
    crowd.relay.asked()
    with CaptureQueriesContext(connection) as asked:
        page = viewer.get(url)
    names = [row.hit.name for row in page.context["rows"]]
    return Cost(len(asked), len(crowd.relay.asked()), len(names)), names


def test_the_index_grows_step_by_step_and_each_costs_the_same(
    crowd: Crowd, crowded: Drive
) -> None:
    indexing.sweep(crowded, step_s=0)
    counted: list[tuple[int, int]] = []
    peaks: list[int] = []
    for _ in range(STEPS):
        crowd.relay.asked()
        tracemalloc.start()
        with CaptureQueriesContext(connection) as asked:
            assert indexing.sweep(crowded, step_s=0), "there is more to read"
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        counted.append((len(asked), len(crowd.relay.asked())))
    assert len(set(counted)) == 1
    assert counted[0][1] == 1
    assert max(peaks[1:]) < 1.2 * peaks[0]
    known = IndexEntry.objects.filter(drive=crowded, kind=IndexEntry.Kind.FILE)
    # One page of a thousand for each step, of which the folder `few` comes first.
    assert known.count() == (STEPS + 1) * 1000
    assert not DriveIndex.objects.get(drive=crowded).is_whole
