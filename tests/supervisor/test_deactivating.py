"""`hexa user deactivate`, while that person works in JupyterLab."""

import time
from collections.abc import Iterator

import httpx
import psutil
import pytest

from hexa.backends.sandbox.walls import FIRST_HOME_UID
from tests.bench.visitor import Visitor
from tests.platforms import Platform

# What the docs promise.
WITHIN_S = 60
EMAIL, PASSWORD = "eve@example.org", "a long password of Eve"
LAB = "/notebooks/user/eve/eve"

pytestmark = pytest.mark.timeout(400)


@pytest.fixture
def eve(running_platform: Platform) -> Iterator[Visitor]:
    """At work in her own workspace."""
    create = ("user", "create", EMAIL, "--password-file", "-", "--json")
    done = running_platform.run(*create, typed=PASSWORD)
    assert done.returncode == 0, done.stderr
    with Visitor(running_platform, EMAIL, PASSWORD) as visitor:
        visitor.make_workspace("eve")
        visitor.open_lab("eve", "eve")
        yield visitor


def test_servers_stop_and_requests_are_refused(
    eve: Visitor, running_platform: Platform
) -> None:
    lab = httpx.Client(
        base_url=f"{running_platform.url}{LAB}/",
        cookies=eve.http.cookies,
        headers={"Accept": "application/json"},
        timeout=30,
    )
    with lab:
        assert lab.get("api/contents/s3:eve").status_code == 200
        begun = time.monotonic()
        done = running_platform.run("user", "deactivate", EMAIL)
        assert (done.returncode, done.stderr) == (0, "")
        pages = eve.http.get("/workspaces/eve/", follow_redirects=False)
        assert pages.status_code == 302
        assert pages.headers["location"].startswith("/accounts/login/")
        while lab.get("api/contents/s3:eve").status_code == 200:
            assert time.monotonic() - begun < WITHIN_S
            time.sleep(0.2)
        while not _has_ended(running_platform):
            assert time.monotonic() - begun < WITHIN_S
            time.sleep(0.2)

    # Nor does she come in again, by pages or by the hub.
    with Visitor(running_platform, EMAIL, PASSWORD) as outside:
        refused = outside.http.get("/workspaces/eve/", follow_redirects=False)
    assert refused.headers["location"].startswith("/accounts/login/")
    again = running_platform.run("user", "deactivate", EMAIL)
    assert again.returncode == 1
    (said,) = again.stderr.splitlines()
    assert said.startswith("hexa: ")


def _has_ended(platform: Platform) -> bool:
    """Both her session, in the platform's own books, and its processes."""
    with platform.database() as connection:
        rows = connection.execute(
            "SELECT h.id, s.ended_at FROM notebooks_session s"
            " JOIN notebooks_home h ON h.id = s.home_id"
            " JOIN accounts_user p ON p.id = h.person_id WHERE p.email = %s",
            [EMAIL],
        ).fetchall()
    assert rows
    homes = {FIRST_HOME_UID + int(str(home)) for home, _ in rows}
    running = {one.info["uids"].real for one in psutil.process_iter(["uids"])}
    return all(ended_at is not None for _, ended_at in rows) and not homes & running
