"""The index of files: built by sweeps, fed by the store, healed by pages, searched."""

import datetime as dt
import unicodedata
from collections.abc import Iterable

import pytest
from django.db import connection
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from hexa.accounts.models import User
from hexa.backends.storage.changes import Change
from hexa.backends.storage.store import ObjectFacts, ObjectStore
from hexa.files.actions import entries, indexing
from hexa.files.index import DriveIndex, IndexEntry
from hexa.files.models import BucketState, ConnectedBucket, Drive
from hexa.files.queries import names, search
from hexa.files.queries.words import marked, wanted
from hexa.workspaces.models import Role, Workspace
from tests.conftest import SignedIn
from tests.foreign import Foreign, connect
from tests.makers import make_member, make_person

pytestmark = pytest.mark.django_db

THEN = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)


@pytest.fixture
def ana(workspace: Workspace) -> User:
    return make_member(workspace, role=Role.VIEWER)


@pytest.fixture
def viewer(ana: User, signed_in: SignedIn) -> Client:
    return signed_in(ana)


def facts(key: str, size: int = 1) -> ObjectFacts:
    return ObjectFacts(key=key, size_bytes=size, modified_at=THEN, etag=f"e{size}")


def filled(drive: Drive, keys: Iterable[str]) -> None:
    entries.note(drive, there=[facts(key) for key in keys])


def known(drive: Drive) -> list[str]:
    rows = IndexEntry.objects.filter(drive=drive).order_by("folder", "name")
    return [row.key for row in rows]


def found(drive: Drive, typed: str, by: User, folder: str = "") -> list[str]:
    return [hit.key for hit in search.in_drive(drive, folder, typed, by=by).hits]


def swept(drive: Drive) -> None:
    while indexing.sweep(drive, step_s=0):
        pass


@pytest.mark.parametrize(
    ("typed", "hits"),
    [
        ("paludisme", ["données/2024/Cas de paludisme été.csv"]),
        ("ÉTÉ Cas", ["données/2024/Cas de paludisme été.csv"]),
        (
            unicodedata.normalize("NFD", "été"),
            ["données/2024/Cas de paludisme été.csv"],
        ),
        ("donnees cas", ["données/2024/Cas de paludisme été.csv"]),
        ("2024 .csv", ["données/2024/Cas de paludisme été.csv"]),
        ("*.parquet", ["deaths_50%.parquet"]),
        ("_50%", ["deaths_50%.parquet"]),
        ("donnees", ["données/"]),
        ("de", ["deaths_50%.parquet"]),
        ("cas nothing", []),
        ("%%%", []),
    ],
)
def test_a_file_is_found_by_words_of_its_name_and_folder(
    drive: Drive, ana: User, typed: str, hits: list[str]
) -> None:
    decomposed = unicodedata.normalize("NFD", "données/2024/Cas de paludisme été.csv")
    filled(drive, [decomposed, "deaths_50%.parquet", "other.txt"])
    got = [unicodedata.normalize("NFC", key) for key in found(drive, typed, ana)]
    assert got == hits


def test_what_was_looked_for_is_marked_where_it_stands() -> None:
    name = unicodedata.normalize("NFD", "Été 2024 été.csv")
    pieces = marked(name, wanted("ete").parts)
    assert "".join(piece for piece, _ in pieces) == name
    shown = [unicodedata.normalize("NFC", piece) for piece, is_hit in pieces if is_hit]
    assert shown == ["Été", "été"]


def test_a_search_stays_in_its_folder_and_goes_below_by_every_way(
    drive: Drive, ana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = ["a-b/cases.csv", "A/cases.csv", "á/cases.csv", "cases.csv"]
    filled(drive, ["a/cases.csv", "a/b/cases.csv", *others])
    for limit, count in (("_NEAR_INSIDE", 1), ("_LITTLE", 0), ("_FEW", 0)):
        assert found(drive, "cases", ana, "a/") == ["a/cases.csv", "a/b/cases.csv"]
        assert found(drive, "b cases", ana, "a/b/") == ["a/b/cases.csv"]
        monkeypatch.setattr(names, limit, count)
    assert found(drive, "cases", ana, "a/") == ["a/cases.csv", "a/b/cases.csv"]


def test_pages_of_hits_go_forth_and_back_and_leave_nothing_out(
    drive: Drive, viewer: Client
) -> None:
    begins = [f"cases-{number:03}.csv" for number in range(70)]
    holds = [f"b-{number:03}-cases.csv" for number in range(70)]
    filled(drive, [*begins, *holds])
    url = f"/workspaces/{drive.workspace.slug}/files/search/{drive.name}/?q=cases"
    pages = []
    while url:
        response = viewer.get(url)
        pages.append([row.hit.key for row in response.context["rows"]])
        last, url = response, response.context["next_url"]
    assert [key for page in pages for key in page] == [*begins, *holds]
    back = viewer.get(last.context["previous_url"])
    assert [row.hit.key for row in back.context["rows"]] == pages[-2]
    first = viewer.get(back.context["previous_url"])
    assert [row.hit.key for row in first.context["rows"]] == pages[0]


def test_a_page_looks_at_so_many_names_and_the_next_goes_on_there(
    drive: Drive, viewer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    for limit, count in (("_NEAR", 20), ("_FEW", 40), ("_FAR", 100)):
        monkeypatch.setattr(names, limit, count)
    others = [f"a-{number:03}.csv" for number in range(230)]
    begins = [f"stock-{number:03} malaria.csv" for number in range(60)]
    holds = [f"x-{number:03}-malaria-stock.csv" for number in range(60)]
    filled(drive, [*others, *begins, *holds])
    base = f"/workspaces/{drive.workspace.slug}/files/search/{drive.name}/"
    url, pages = f"{base}?q=malaria stock", []
    while url:
        response = viewer.get(url)
        pages.append([row.hit.key for row in response.context["rows"]])
        if not pages[-1]:
            assert (
                "Nothing among the names looked at so far" in response.content.decode()
            )
        last, url = response, response.context["next_url"]
    # Also names that begin with the last word are first.
    assert [key for page in pages for key in page] == [*begins, *holds]
    assert any(len(page) < search.PAGE_SIZE for page in pages[:-1])
    url, back = last.context["previous_url"], pages[-1]
    while url:
        response = viewer.get(url)
        back = [row.hit.key for row in response.context["rows"]] + back
        url = response.context["previous_url"]
    assert back == [*begins, *holds]
    # Few are found at once, wherever they stand.
    few = viewer.get(f"{base}?q=malaria stock 059")
    assert [row.hit.key for row in few.context["rows"]] == [begins[-1], holds[-1]]


def test_a_search_asks_the_database_as_often_however_many_files(
    drive: Drive,
    viewer: Client,
    monkeypatch: pytest.MonkeyPatch,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    filled(drive, [f"{number}/cases-{number:04}.csv" for number in range(500)])
    url = f"/workspaces/{drive.workspace.slug}/files/search/{drive.name}/?q=cases"
    viewer.get(url)
    with django_assert_max_num_queries(10):
        response = viewer.get(url)
    assert len(response.context["rows"]) == search.PAGE_SIZE
    monkeypatch.setattr(names, "_FEW", 0)
    with django_assert_max_num_queries(10):
        # By every way there is.
        viewer.get(f"{url} 499 csv")
    with django_assert_max_num_queries(8):
        viewer.get("/palette/?q=cases")


def test_ctrl_k_finds_files_of_all_ones_workspaces_and_of_no_other(
    drive: Drive, viewer: Client, signed_in: SignedIn
) -> None:
    filled(drive, ["north/census-2024.csv", "census.csv", "the census of old.csv"])
    answer = viewer.get("/palette/?q=census").json()
    (group,) = (one for one in answer["groups"] if one["name"] == "Files")
    names = [hit["name"] for hit in group["hits"]]
    assert names[0] == "census.csv"
    assert set(names) == {"census-2024.csv", "census.csv", "the census of old.csv"}
    assert group["hits"][0]["url"] == drive.url_of("census.csv")
    stranger = signed_in(make_person())
    assert not any(
        one["name"] == "Files"
        for one in stranger.get("/palette/?q=census").json()["groups"]
    )
    url = f"/workspaces/{drive.workspace.slug}/files/search/{drive.name}/?q=census"
    assert viewer.get(url).status_code == 200
    assert stranger.get(url).status_code == 404


def test_a_sweep_builds_the_index_in_steps_and_later_ones_heal_it(
    drive: Drive, objects: ObjectStore
) -> None:
    for key in ("a/b/one.csv", "a/two.csv", "three.csv", "a-b/four.csv"):
        objects.put(drive.bucket, key, b"123")
    objects.make_folder(drive.bucket, "empty/")
    swept(drive)
    everything = [
        "a/", "a-b/", "empty/", "three.csv", "a-b/four.csv", "a/b/", "a/two.csv", "a/b/one.csv",
    ]  # fmt: skip
    assert sorted(known(drive)) == sorted(everything)
    index = DriveIndex.objects.get(drive=drive)
    assert index.is_whole
    assert index.files == 4
    row = IndexEntry.objects.get(drive=drive, name="two.csv")
    head = objects.head(drive.bucket, "a/two.csv")
    assert (row.size_bytes, row.etag) == (3, head.etag)
    assert row.modified_at == head.modified_at

    objects.delete(drive.bucket, ["a/b/one.csv"])
    objects.put(drive.bucket, "three.csv", b"longer")
    filled(drive, ["ghost/of/a/file.csv"])
    swept(drive)
    assert not {"ghost/", "a/b/", "a/b/one.csv"} & set(known(drive))
    assert IndexEntry.objects.get(drive=drive, name="three.csv").size_bytes == 6
    assert DriveIndex.objects.get(drive=drive).files == 3


def test_changes_are_applied_by_the_last_word_on_each_key(drive: Drive) -> None:
    def there(key: str) -> Change:
        return Change(drive.bucket, key, facts(key))

    def gone(key: str) -> Change:
        return Change(drive.bucket, key, None)

    indexing.apply([there("a/x.csv"), gone("a/x.csv"), there("b/y.csv"), gone("z")])
    assert known(drive) == ["b/", "b/y.csv"]
    indexing.apply(
        [gone("b/y.csv"), there("a/x.csv"), there("made/"), Change("?", "k", None)]
    )
    assert known(drive) == ["a/", "made/", "a/x.csv"]
    indexing.apply([gone("made/"), there("a/x.csv")])
    assert known(drive) == ["a/", "a/x.csv"]
    assert DriveIndex.objects.get(drive=drive).files == 1


def test_looking_at_a_folder_heals_what_is_known_of_it(
    drive: Drive, objects: ObjectStore, viewer: Client
) -> None:
    swept(drive)
    objects.put(drive.bucket, "a/here.csv", b"123")
    filled(drive, ["a/ghost.csv", "elsewhere/ghost.csv"])
    assert viewer.get(drive.url_of("a/")).status_code == 200
    assert {"a/here.csv", "elsewhere/ghost.csv"} < set(known(drive))
    assert "a/ghost.csv" not in known(drive)


def test_a_hit_that_is_gone_says_so_and_disappears(
    drive: Drive, viewer: Client, ana: User
) -> None:
    filled(drive, ["a/ghost.csv"])
    assert found(drive, "ghost", ana) == ["a/ghost.csv"]
    assert viewer.get(drive.url_of("a/ghost.csv")).status_code == 404
    assert found(drive, "ghost", ana) == []


def test_a_drive_that_is_still_being_read_says_so(drive: Drive, viewer: Client) -> None:
    filled(drive, ["cases.csv"])
    indexing.rebuild(drive)
    DriveIndex.objects.filter(drive=drive).update(files=430_000, expected_files=10**6)
    url = f"/workspaces/{drive.workspace.slug}/files/search/{drive.name}/?q=cases"
    assert "430,000 of about 1,000,000 files so far" in viewer.get(url).content.decode()
    swept(drive)
    assert "files so far" not in viewer.get(url).content.decode()


def test_a_drive_that_is_gone_leaves_nothing_and_takes_no_other_with_it(
    drive: Drive, foreign: Foreign
) -> None:
    foreign.store.put(foreign.bucket, "raw/a/cases.csv", b"12")
    foreign.store.put(foreign.bucket, "beside.csv", b"12")
    connected = connect(foreign, prefix="raw/")
    filled(drive, ["kept.csv"])
    swept(connected)
    assert known(connected) == ["a/", "a/cases.csv"]
    gone = connected.pk
    Drive.objects.get(pk=gone).delete()
    indexing.clear()
    assert not IndexEntry.objects.filter(drive_id=gone).exists()
    assert known(drive) == ["kept.csv"]


def test_the_larger_a_drive_that_tells_nothing_the_rarer_it_is_read(
    drive: Drive, foreign: Foreign
) -> None:
    connected = connect(foreign)
    minutes = [
        indexing.interval(connected, files) / dt.timedelta(minutes=1)
        for files in (0, 10_000, 10**6, 10**9)
    ]
    assert minutes == [5, 5, 500, 24 * 60]
    assert indexing.interval(drive, 10**6) == dt.timedelta(days=7)


def test_a_store_that_fails_is_asked_again_later(foreign: Foreign) -> None:
    connected = connect(foreign)
    swept(connected)
    index = DriveIndex.objects.get(drive=connected)
    foreign.store.delete_bucket(foreign.bucket)
    DriveIndex.objects.update(due_at=THEN)
    assert connected.pk in indexing.due(now=THEN, most=10)
    assert not indexing.sweep(connected)
    assert connected.pk not in indexing.due(now=THEN, most=10)
    # What was known of it stays.
    assert DriveIndex.objects.get(drive=connected).swept_at == index.swept_at


def test_a_drive_known_not_to_answer_holds_up_no_other(foreign: Foreign) -> None:
    foreign.store.put(foreign.bucket, "cases.csv", b"12")
    connected = connect(foreign)
    kept = ConnectedBucket.objects.filter(pk=connected.pk)
    kept.update(state=BucketState.UNREACHABLE)
    DriveIndex.objects.filter(drive=connected).update(due_at=THEN)
    broken = Drive.objects.select_related("connected").get(pk=connected.pk)
    assert not indexing.sweep(broken)
    assert known(broken) == []
    assert connected.pk not in indexing.due(now=THEN, most=10)
    kept.update(state=BucketState.WORKING)
    swept(Drive.objects.select_related("connected").get(pk=connected.pk))
    assert known(broken) == ["cases.csv"]


def test_the_server_has_what_a_fast_search_needs() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_indexes WHERE indexname = 'entry_trigrams'")
        assert cursor.fetchone()
