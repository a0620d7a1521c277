"""The whole platform: ready, broken on purpose, recovered, stopped without a trace."""

import http.client
import json
import os
import shutil
import signal
import stat
import time
from pathlib import Path

import psutil
import pytest

from hexa.site.supervisor.status import ComponentStatus, Status
from tests.platforms import COMPONENTS, Platform, marked, payload, platform_in

# Whole platforms start here, on machines that may be busy.
pytestmark = pytest.mark.timeout(600)

RECOVERY_PATIENCE_S = 60


def get(platform: Platform, path: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", platform.port, timeout=20)
    connection.request("GET", path)
    response = connection.getresponse()
    body = response.read()
    connection.close()
    return response.status, body


def entry(found: Status | None, name: str) -> ComponentStatus:
    assert found is not None
    return next(each for each in found["components"] if each["name"] == name)


def test_ready_has_one_entry_per_component(running_platform: Platform) -> None:
    code, body = get(running_platform, "/ready")
    told = json.loads(body)
    assert code == 200
    assert told["ready"] is True
    assert {each["name"] for each in told["components"]} >= COMPONENTS
    assert all(
        each["state"] == "ready" and each["version"] for each in told["components"]
    )


@pytest.mark.parametrize("name", sorted(COMPONENTS))
def test_a_killed_component_comes_back(running_platform: Platform, name: str) -> None:
    before = running_platform.wait_until_ready(RECOVERY_PATIENCE_S)
    payload(running_platform.pid_of(name)).kill()
    deadline = time.monotonic() + RECOVERY_PATIENCE_S
    while True:
        now = running_platform.status()
        assert now is not None
        comes_back = entry(now, name)["restarts"] > entry(before, name)["restarts"]
        if comes_back and now["ready"]:
            break
        assert time.monotonic() < deadline, now
        time.sleep(0.05)
    assert get(running_platform, "/ready")[0] == 200
    assert get(running_platform, "/notebooks/hub/health")[0] == 200


def test_ready_says_which_component_is_not(running_platform: Platform) -> None:
    before = running_platform.wait_until_ready(RECOVERY_PATIENCE_S)
    payload(running_platform.pid_of("web")).kill()
    refused: list[Status] = []
    deadline = time.monotonic() + RECOVERY_PATIENCE_S
    while True:
        code, body = get(running_platform, "/ready")
        told: Status = json.loads(body)
        if (
            code == 200
            and entry(told, "web")["restarts"] > entry(before, "web")["restarts"]
        ):
            break
        refused += [told] if code == 503 else []
        assert time.monotonic() < deadline, told
        time.sleep(0.02)
    assert any(entry(told, "web")["state"] != "ready" for told in refused)
    assert all(entry(told, "postgres")["state"] == "ready" for told in refused)


def test_every_secret_is_private(running_platform: Platform) -> None:
    folder = running_platform.installation.path("secrets")
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    assert set(modes.values()) == {0o600}
    for name in ("hub.json", "keeper.json"):
        path = running_platform.installation.path("run", name)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.skipif(os.geteuid() != 0, reason="an ordinary user has no other uid")
def test_nothing_but_the_keeper_runs_as_root(running_platform: Platform) -> None:
    told = running_platform.wait_until_ready(RECOVERY_PATIENCE_S)
    as_root = set()
    for each in told["components"]:
        assert each["pid"] is not None
        process = payload(each["pid"])
        if process.uids().effective == 0:
            as_root.add(each["name"])
        else:
            status = Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8")
            assert "CapEff:\t0000000000000000" in status
            assert "NoNewPrivs:\t1" in status
    assert as_root <= {"keeper", "folders"}


def test_a_second_start_on_the_same_folder_is_refused(
    running_platform: Platform,
) -> None:
    running_platform.wait_until_ready(RECOVERY_PATIENCE_S)
    twin = Platform(running_platform.data, port=running_platform.port + 1)
    done = twin.run("up")
    assert done.returncode == 1
    assert "Another `hexa up` is running" in done.stderr
    assert running_platform.wait_until_ready(1)["ready"]


def test_two_platforms_run_side_by_side_and_one_stops_without_a_trace(
    running_platform: Platform, tmp_path: Path
) -> None:
    with platform_in(tmp_path) as other:
        other.start()
        assert get(other, "/ready")[0] == 200
        assert get(running_platform, "/ready")[0] == 200
        secrets = other.installation.secret("django")
        began = time.monotonic()
        assert other.stop() == 0
        assert time.monotonic() - began < 10
        assert marked(other) == []
        other.start()
        assert other.installation.secret("django") == secrets
        assert other.stop() == 0
    assert marked(running_platform) != []


def test_what_a_killed_supervisor_leaves_is_cleaned_up(tmp_path: Path) -> None:
    with platform_in(tmp_path) as platform:
        platform.start()
        before = marked(platform)
        platform.kill()
        platform.start()
        gone, alive = psutil.wait_procs(before, timeout=5)
        assert len(gone) == len(before)
        assert alive == []
        assert get(platform, "/ready")[0] == 200
        assert platform.stop() == 0
        assert marked(platform) == []

        # A store that forgot its names would look like one that is new.
        shutil.rmtree(platform.installation.path("store", "data", "names"))
        done = platform.run("up")
        assert done.returncode == 1
        last = done.stderr.splitlines()[-1]
        assert last.startswith("hexa: The object store has lost the names of its files")
        assert "Restore it from a backup." in last
        assert marked(platform) == []


def test_interrupting_a_first_start_leaves_no_process(tmp_path: Path) -> None:
    with platform_in(tmp_path) as platform:
        platform.launch()
        while platform.status() is None:
            time.sleep(0.05)
        assert platform.process is not None
        platform.process.send_signal(signal.SIGINT)
        platform.process.wait(timeout=10)
        assert marked(platform) == []
        platform.start()
        assert platform.stop() == 0


def test_without_an_administrator_a_link_is_printed_once(tmp_path: Path) -> None:
    with platform_in(tmp_path) as platform:
        platform.admin_email = platform.admin_password = ""
        platform.start()
        deadline = time.monotonic() + 10
        while "/set-up/" not in platform.output:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert platform.output.count("/set-up/") == 1


def test_status_is_told_to_people_and_scripts(running_platform: Platform) -> None:
    running_platform.wait_until_ready(RECOVERY_PATIENCE_S)
    shown = running_platform.run("status")
    assert shown.returncode == 0
    assert "postgres" in shown.stdout
    told = running_platform.run_json("status")
    assert isinstance(told, dict)
    assert told["ready"] is True


def test_doctor_finds_no_obstacle_on_a_platform_that_runs(
    running_platform: Platform,
) -> None:
    findings = running_platform.run_json("doctor")
    assert isinstance(findings, list)
    checks = {finding["check"]: finding for finding in findings}
    expected = {
        "port",
        "fuse",
        "bubblewrap",
        "disk",
        "r",
        "postgis",
        "clock",
        "database",
    }
    assert set(checks) >= expected
    assert all(finding["ok"] or finding["remedy"] for finding in findings)
    assert checks["bubblewrap"]["ok"]


def test_logs_of_one_component_are_shown(running_platform: Platform) -> None:
    shown = running_platform.run("logs", "postgres")
    assert "database system is ready" in shown.stdout
    assert running_platform.run("logs", "nothing").returncode == 1


def test_people_are_added_and_deactivated(running_platform: Platform) -> None:
    running_platform.wait_until_ready(RECOVERY_PATIENCE_S)
    email = "ada@example.org"
    added = running_platform.run_json("user", "create", email, "--name", "Ada")
    assert isinstance(added, dict)
    assert added["email"] == email
    assert added["password"]
    create = ("user", "create", "bo@example.org", "--password-file", "-", "--json")
    given = running_platform.run(*create, typed="a password that was typed\n")
    assert json.loads(given.stdout) == {"email": "bo@example.org", "handle": "bo"}
    again = running_platform.run("user", "create", email)
    assert again.returncode == 1
    assert again.stderr.startswith("hexa: ")
    ended = running_platform.run_json("user", "deactivate", email)
    assert ended == {"email": email, "state": "deactivated"}
