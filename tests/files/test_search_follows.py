"""On the real platform: whoever changes a file, search knows it a moment later."""

import secrets
import time
from collections.abc import Iterator

import psutil
import pytest

from hexa.backends.folders import fuse
from hexa.backends.folders.client import Folders
from tests.bench.visitor import Visitor
from tests.platforms import Platform

pytestmark = pytest.mark.timeout(600)

# Measured: less than a second. Machines that run tests may be busy.
PATIENCE_S = 30


class Team:
    """A workspace and what its admin finds in it."""

    def __init__(self, admin: Visitor) -> None:
        self.slug = f"w-{secrets.token_hex(6)}"
        self.base = f"/workspaces/{self.slug}/files"
        self.admin = admin
        admin.make_workspace(self.slug)

    def finds(self, name: str) -> bool:
        page = self.admin.http.get(f"{self.base}/search/s3:{self.slug}/?q={name}")
        assert page.status_code == 200
        return f"<mark>{name}</mark>" in page.text

    def soon(self, name: str, *, there: bool = True) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while self.finds(name) != there:
            assert time.monotonic() < deadline, f"{name}: not {there} in time"
            time.sleep(0.1)


@pytest.fixture(scope="module")
def team(running_platform: Platform) -> Iterator[Team]:
    platform = running_platform
    with Visitor(platform, platform.admin_email, platform.admin_password) as admin:
        yield Team(admin)


def test_what_pages_clients_and_mounts_change_is_found(
    team: Team, running_platform: Platform
) -> None:
    place = running_platform.installation
    client = running_platform.s3()
    client.put_object(Bucket=team.slug, Key="a/by-client.csv", Body=b"1")
    team.soon("by-client")
    # As clients rename: a copy, and the old one away.
    client.copy_object(
        Bucket=team.slug,
        Key="a/renamed-one.csv",
        CopySource={"Bucket": team.slug, "Key": "a/by-client.csv"},
    )
    client.delete_object(Bucket=team.slug, Key="a/by-client.csv")
    team.soon("renamed-one")
    team.soon("by-client", there=False)

    page = team.admin.http.get(f"{team.base}/s3:{team.slug}/")
    form = {"name": "made-by-page"}
    url = f"{team.base}/make-folder/s3:{team.slug}/?folder="
    assert team.admin.post(url, form, page=page).status_code == 200
    team.soon("made-by-page")

    if fuse.why_unavailable() is None:
        folder = Folders(place.folders_socket).ensure(team.slug) / "files"
        (folder / "by-mount.csv").write_text("1")
        team.soon("by-mount")
        (folder / "by-mount.csv").rename(folder / "moved-there.csv")
        team.soon("moved-there")
        team.soon("by-mount", there=False)
        (folder / "moved-there.csv").unlink()
        team.soon("moved-there", there=False)


@pytest.mark.parametrize("name", ["worker", "changes", "store"])
def test_nothing_is_missed_when_a_part_dies(
    team: Team, running_platform: Platform, name: str
) -> None:
    running_platform.wait_until_ready()
    process = psutil.Process(running_platform.pid_of(name))
    while process.name() == "bwrap" and process.children():
        process = process.children()[0]
    process.kill()
    url = f"{team.base}/make-folder/s3:{team.slug}/?folder="
    deadline = time.monotonic() + PATIENCE_S
    while True:
        page = team.admin.http.get("/workspaces/create/")
        made = team.admin.post(url, {"name": f"after-{name}"}, page=page)
        if made.status_code == 200:
            break
        assert time.monotonic() < deadline, made.status_code
        time.sleep(0.2)
    team.soon(f"after-{name}")
