import re

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from hexa.backends.storage.store import ObjectStore
from hexa.files.models import Drive
from hexa.files.queries.listing import PAGE_SIZE
from hexa.workspaces.models import Role, Workspace
from tests.conftest import SignedIn
from tests.contract.storage.test_objects import NAMES
from tests.makers import make_member, make_person

pytestmark = pytest.mark.django_db


def test_files_lead_to_the_workspaces_own_drive(
    workspace: Workspace, editor: Client
) -> None:
    response = editor.get(f"/workspaces/{workspace.slug}/files/")
    assert response.headers["Location"] == (
        f"/workspaces/{workspace.slug}/files/s3:{workspace.slug}/"
    )


@pytest.mark.parametrize("name", [name for name in NAMES if "/" not in name])
def test_links_of_a_listing_lead_to_the_file_whatever_its_name(
    drive: Drive, objects: ObjectStore, editor: Client, name: str
) -> None:
    key = f"a b/{name}"
    objects.put(drive.bucket, key, b"seen in the preview")
    top = editor.get(drive.get_absolute_url())
    folder_url = _link_to(top.content.decode(), "a b")
    listing = editor.get(folder_url)
    assert listing.status_code == 200
    (row,) = listing.context["rows"]
    file = editor.get(row.url)
    assert file.status_code == 200
    assert file.context["file"].key == key
    assert str(file.context["file_address"]) == f"s3://{drive.bucket}/{key}"
    assert file.context["preview"].kind in {"table", "text"}
    download = editor.get(file.context["download_url"])
    assert download.status_code == 302
    assert download.headers["Location"].startswith("http://127.0.0.1:8888/store/")


def _link_to(page: str, words: str) -> str:
    match = re.search(rf'<a href="([^"]+)"[^>]*>{re.escape(words)}</a>', page)
    assert match
    return match[1].replace("&amp;", "&")


def test_a_large_folder_is_shown_page_by_page(
    drive: Drive,
    objects: ObjectStore,
    editor: Client,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    names = [f"f{number:03}.csv" for number in range(PAGE_SIZE + 5)]
    for name in names:
        objects.put(drive.bucket, f"many/{name}", b"x")
    with django_assert_max_num_queries(10):
        first = editor.get(drive.url_of("many/"))
    second = editor.get(first.context["next_url"])
    rows = [*first.context["rows"], *second.context["rows"]]
    assert [row.name for row in rows] == names
    assert second.context["next_url"] == ""
    # A file of the second page is shown beside the second page.
    file = editor.get(second.context["rows"][0].url)
    assert [row.is_current for row in file.context["rows"]].count(True) == 1


def test_an_empty_drive_teaches_how_to_fill_it(drive: Drive, editor: Client) -> None:
    page = editor.get(drive.get_absolute_url()).content.decode()
    assert "No files here yet" in page
    assert f"s3://{drive.bucket}/cases.csv" in page


def test_a_fragment_is_only_what_was_asked_for(
    drive: Drive, objects: ObjectStore, editor: Client
) -> None:
    objects.put(drive.bucket, "x.txt", b"hello")
    url = drive.url_of("x.txt")
    preview = editor.get(url, headers={"HX-Request": "true", "HX-Target": "preview"})
    assert preview.content.lstrip().startswith(b'<aside id="preview"')
    listing = editor.get(url, headers={"HX-Request": "true", "HX-Target": "listing"})
    assert listing.content.lstrip().startswith(b'<section id="listing"')


def test_a_folder_asked_for_like_a_file_is_opened(
    drive: Drive, objects: ObjectStore, editor: Client
) -> None:
    objects.put(drive.bucket, "2026/raw/x.csv", b"a\n1\n")
    response = editor.get(drive.url_of("2026/raw"))
    assert response.headers["Location"] == drive.url_of("2026/raw/")


@pytest.mark.parametrize("path", ["", "nothing.csv", "no/such/file", "x" * 2000])
def test_strangers_find_nothing(
    drive: Drive, signed_in: SignedIn, editor: Client, path: str
) -> None:
    assert signed_in(make_person()).get(drive.url_of(path)).status_code == 404
    if path:
        assert editor.get(drive.url_of(path)).status_code in {404, 422}


def test_a_drive_of_another_workspace_is_not_here(
    drive: Drive, workspace: Workspace, editor: Client
) -> None:
    url = drive.get_absolute_url()
    other = url.replace(f"s3:{drive.bucket}", "s3:another-bucket")
    assert editor.get(other).status_code == 404
    assert editor.get(url.replace("s3:", "gcs:")).status_code == 404
    assert (
        editor.get(url.replace(f"{workspace.slug}/files", "nowhere/files")).status_code
        == 404
    )


def test_viewers_see_no_verbs_of_writing(
    workspace: Workspace, drive: Drive, objects: ObjectStore, signed_in: SignedIn
) -> None:
    objects.put(drive.bucket, "x.csv", b"a\n1\n")
    viewer = signed_in(make_member(workspace, role=Role.VIEWER))
    page = viewer.get(drive.url_of("x.csv")).content.decode()
    assert "Read only" in page
    assert "Delete" not in page
    assert "New folder" not in page
