"""A folder by size, date and falling name."""

import datetime as dt

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from hexa.backends.storage.store import ObjectFacts, ObjectStore
from hexa.files.actions import entries, indexing
from hexa.files.index import DriveIndex
from hexa.files.models import Drive
from hexa.files.queries.listing import PAGE_SIZE
from hexa.workspaces.models import Role, Workspace
from tests.conftest import SignedIn
from tests.makers import make_member

pytestmark = pytest.mark.django_db

FILES = 120
FOLDERS = 55
START = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


@pytest.fixture
def viewer(workspace: Workspace, signed_in: SignedIn) -> Client:
    return signed_in(make_member(workspace, role=Role.VIEWER))


@pytest.fixture
def filled(drive: Drive) -> Drive:
    """Folders and files; sizes repeat, and run against the names."""
    while indexing.sweep(drive):
        pass
    files = [
        ObjectFacts(
            key=f"a/{number:03}.csv",
            size_bytes=(FILES - number) // 3,
            modified_at=START + dt.timedelta(hours=number * 7 % FILES),
            etag="",
        )
        for number in range(FILES)
    ]
    folders = [
        ObjectFacts(f"a/{number:02}/x.csv", 1, START, "") for number in range(FOLDERS)
    ]
    entries.note(drive, there=[*files, *folders])
    return drive


def paged(viewer: Client, url: str, way: str) -> list[list[str]]:
    pages = []
    while url:
        response = viewer.get(url)
        pages.append([row.key for row in response.context["rows"]])
        url = response.context[way]
    return pages


@pytest.mark.parametrize(
    ("sort", "first", "last"),
    [
        ("size", "a/118.csv", "a/000.csv"),
        ("-size", "a/000.csv", "a/118.csv"),
        ("-date", "a/017.csv", "a/000.csv"),
        ("-name", "a/119.csv", "a/000.csv"),
    ],
)
def test_every_order_shows_each_thing_once_forth_and_back(
    filled: Drive, viewer: Client, sort: str, first: str, last: str
) -> None:
    forth = paged(viewer, f"{filled.url_of('a/')}?sort={sort}", "next_url")
    shown = [key for page in forth for key in page]
    assert len(shown) == len(set(shown)) == FILES + FOLDERS
    assert all(len(page) == PAGE_SIZE for page in forth[:-1])
    files = [key for key in shown if not key.endswith("/")]
    assert shown[FOLDERS:] == files
    names = sorted((f"a/{n:02}/" for n in range(FOLDERS)), reverse=sort == "-name")
    assert shown[:FOLDERS] == names
    assert (files[0], files[-1]) == (first, last)

    response = viewer.get(f"{filled.url_of('a/')}?sort={sort}")
    for _ in forth[1:]:
        response = viewer.get(response.context["next_url"])
    back = paged(viewer, response.context["previous_url"], "previous_url")
    assert [response.context["rows"][0].key, back[::-1]] == [
        forth[-1][0],
        forth[:-1],
    ]


def test_the_order_shows_in_the_heading_and_stays_in_links(
    filled: Drive,
    objects: ObjectStore,
    viewer: Client,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    url = f"{filled.url_of('a/')}?sort=-size"
    viewer.get(url)
    with django_assert_max_num_queries(10):
        page = viewer.get(url)
    text = page.content.decode()
    assert 'aria-sort="descending"' in text
    assert 'href="?sort=size"' in text
    assert page.context["rows"][0].url.endswith("a/00/?sort=-size")
    objects.put(filled.bucket, "a/000.csv", b"")
    plain = viewer.get(filled.url_of("a/")).content.decode()
    assert 'aria-sort="ascending"' in plain
    assert 'href="?sort=-size"' in plain


def test_before_the_drive_is_read_it_says_so_and_lists_by_name(
    filled: Drive, viewer: Client
) -> None:
    DriveIndex.objects.filter(drive=filled).update(swept_at=None)
    page = viewer.get(f"{filled.url_of('')}?sort=-size")
    assert "This drive is still being read." in page.content.decode()
    assert page.context["listed"].is_too_early


@pytest.mark.parametrize("nonsense", ["?sort=colour", "?sort=size&after=x", "?sort=-"])
def test_nonsense_in_the_address_is_no_error(
    filled: Drive, viewer: Client, nonsense: str
) -> None:
    assert viewer.get(f"{filled.url_of('a/')}{nonsense}").status_code == 200
