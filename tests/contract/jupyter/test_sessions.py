"""Sessions by a real hub, behind the real front door, in real sandboxes."""

import asyncio
import json
import time
from pathlib import Path

import httpx
import pytest

from hexa.backends.jupyter.hub import NotRunning, Progress
from tests.contract.jupyter.browsing import Browser
from tests.contract.jupyter.platform import DEFAULT, Platform
from tests.contract.sandbox.keeping import MIB, wait_for

ANA = "/notebooks/user/ana/malaria/"


def start(platform: Platform, handle: str, workspace: str) -> list[Progress]:
    """Starts a server and follows it to the end."""

    async def follow() -> list[Progress]:
        return [step async for step in platform.hub.progress(handle, workspace)]

    platform.hub.start_server(handle, workspace)
    return asyncio.run(follow())


def stop(platform: Platform, handle: str, workspace: str) -> None:
    platform.hub.stop_server(handle, workspace)
    wait_for(lambda: platform.hub.server(handle, workspace) is None)


@pytest.fixture(autouse=True)
def _people(platform: Platform) -> None:
    platform.web.homes = {
        ("ana", "malaria"): 1,
        ("ana", "census"): 2,
        ("bob", "malaria"): 3,
    }
    platform.web.memory_bytes = None
    platform.web.person = "ana"


@pytest.fixture
def ana(platform: Platform) -> Browser:
    """Signed in, her session in the workspace `malaria` running and open."""
    steps = start(platform, "ana", "malaria")
    assert steps[-1].is_ready, steps
    browser = platform.browser()
    assert browser.get(f"{ANA}lab").status_code == 200
    return browser


def test_a_session_starts_and_says_what_it_does(platform: Platform) -> None:
    stop(platform, "ana", "malaria")
    steps = start(platform, "ana", "malaria")
    assert steps[-1].is_ready
    assert "Starting JupyterLab" in [step.message for step in steps]
    assert [step.percent for step in steps] == sorted(step.percent for step in steps)
    server = platform.hub.server("ana", "malaria")
    assert server is not None
    assert server.is_ready
    assert {"handle": "ana", "workspace": "malaria"} in platform.web.asked


def test_the_hub_notices_at_once_that_a_server_answers(platform: Platform) -> None:
    stop(platform, "ana", "malaria")
    steps = start(platform, "ana", "malaria")
    assert steps[-1].is_ready
    log = (platform.keeper.state / "session-1" / "output.log").read_text()
    # The first request a server ever sees is the spawner's, or the hub's right after.
    assert log.count("GET /notebooks/user/ana/malaria/api ") <= 2


def test_lab_opens_without_a_form(ana: Browser) -> None:
    page = ana.get(f"{ANA}lab")
    assert page.status_code == 200
    assert page.url.path == f"{ANA}lab"
    assert "JupyterLab" in page.text


def test_a_kernel_finds_its_environment_and_its_home(
    ana: Browser, platform: Platform
) -> None:
    code = """
import getpass, json, os, sys, tempfile
from pathlib import Path
print(json.dumps({
    "executable": sys.executable, "cwd": os.getcwd(), "user": getpass.getuser(),
    "workspace": os.environ["HEXA_WORKSPACE"], "temporary": tempfile.gettempdir(),
    "token": Path("/run/hexa/token").read_text(),
    "isolated": os.environ.get("PYTHONNOUSERSITE", ""),
    "jovyan": Path("/home/jovyan").resolve() == Path.home(),
    "pandas": __import__("pandas").__version__,
}))
"""
    said = json.loads(ana.run(ANA, code))
    assert said.pop("pandas")
    assert said == {
        "executable": str(DEFAULT / "bin" / "python"),
        "cwd": "/home/hexa",
        "user": "hexa",
        "workspace": "malaria",
        "temporary": "/home/hexa/tmp",
        "token": "t1",
        "isolated": "",
        "jovyan": True,
    }
    assert (platform.keeper.homes / "1" / "tmp").is_dir()


def test_kernels_are_out_of_reach_of_other_sessions(
    ana: Browser, platform: Platform
) -> None:
    code = """
from ipykernel.connect import get_connection_file
path = get_connection_file()
print(path)
print(open(path).read())
"""
    path, _, connection = ana.run(ANA, code).partition("\n")
    assert json.loads(connection)["transport"] == "ipc"
    assert "FileNotFoundError" in _of_bob(platform, f"open({path!r})")


def test_the_walls_hold_in_a_notebook(ana: Browser, platform: Platform) -> None:
    ana.run(ANA, "open('private', 'w').write('x')")
    homes = platform.keeper.homes
    for path in (homes / "1" / "private", homes, platform.hub_folder, "/var/lib"):
        said = _of_bob(platform, f"import os; print(os.listdir({str(path)!r}))")
        assert "FileNotFoundError" in said
    said = _of_bob(platform, "import subprocess as s; print(s.getoutput('ps ax'))")
    assert "hexa-session" in said
    assert len(said.splitlines()) < 15


def test_the_home_outlives_the_session(ana: Browser, platform: Platform) -> None:
    ana.run(ANA, "open('notes.txt', 'w').write('kept')")
    stop(platform, "ana", "malaria")
    assert start(platform, "ana", "malaria")[-1].is_ready
    assert "kept" in platform.browser().get(f"{ANA}files/notes.txt").text


def test_only_the_kernels_of_the_platform_are_offered(ana: Browser) -> None:
    offered = ana.get(f"{ANA}api/kernelspecs").json()["kernelspecs"]
    names = {name: spec["spec"]["display_name"] for name, spec in offered.items()}
    assert names.pop("python3") == "Python 3 (OpenHexa)"
    assert names in ({}, {"ir": "R (OpenHexa)"})


def test_a_refusal_reaches_the_person_in_webs_words(platform: Platform) -> None:
    last = start(platform, "ana", "secret")[-1]
    assert last.has_failed
    assert last.message == "Only editors may."
    assert platform.hub.server("ana", "secret") is None


def test_progress_of_nothing_is_not_running(platform: Platform) -> None:
    async def follow() -> list[Progress]:
        return [step async for step in platform.hub.progress("ana", "nowhere")]

    with pytest.raises(NotRunning):
        asyncio.run(follow())


def test_starting_twice_changes_nothing(ana: Browser, platform: Platform) -> None:
    before = platform.keeper.client.poll("session-1")
    platform.hub.start_server("ana", "malaria")
    assert platform.keeper.client.poll("session-1") == before
    assert ana.get(f"{ANA}api/kernels").status_code == 200


def test_stop_leaves_no_process(ana: Browser, platform: Platform) -> None:
    ana.run(ANA, "import subprocess; subprocess.Popen(['setsid', 'sleep', '4343'])")
    assert any("sleep\0004343" in line for line in _command_lines())
    began = time.monotonic()
    stop(platform, "ana", "malaria")
    assert time.monotonic() - began < 10
    assert platform.keeper.client.poll("session-1")["state"] == "exited"
    assert not any("sleep\0004343" in line for line in _command_lines())


def test_a_session_survives_the_hub(ana: Browser, platform: Platform) -> None:
    ana.run(ANA, "open('before', 'w').close()")
    platform.kill_hub()
    assert ana.get(f"{ANA}api/contents/before").status_code == 200
    platform.restart_hub()
    server = platform.hub.server("ana", "malaria")
    assert server is not None
    assert server.is_ready
    assert "still" in ana.run(ANA, "print('still here')")
    platform.hub.stop_server("ana", "malaria")
    wait_for(lambda: platform.keeper.client.poll("session-1")["state"] == "exited")


def test_a_session_survives_the_keeper(ana: Browser, platform: Platform) -> None:
    platform.keeper.kill()
    try:
        assert "still" in ana.run(ANA, "print('still here')")
        assert platform.hub.server("ana", "malaria") is not None
    finally:
        platform.keeper.start()
    platform.hub.stop_server("ana", "malaria")
    wait_for(lambda: platform.keeper.client.poll("session-1")["state"] == "exited")


def test_a_kernel_killed_for_its_memory_is_named(platform: Platform) -> None:
    platform.web.memory_bytes = 700 * MIB
    assert start(platform, "ana", "census")[-1].is_ready
    browser = platform.browser()
    server = "/notebooks/user/ana/census/"
    browser.get(f"{server}lab")
    said = browser.run(server, "x = []\nwhile True: x.append(bytes(2**20 * 20))")
    if "MemoryError" in said:
        return  # without control groups, the code itself is told
    assert "restarting" in said
    wait_for(lambda: platform.keeper.client.poll("session-2")["last_kill"] is not None)
    # The server, and what else it ran, went on.
    assert browser.get(f"{server}api/kernels").status_code == 200
    stop(platform, "ana", "census")


def test_nobody_opens_the_session_of_another(ana: Browser, platform: Platform) -> None:
    assert ana.get(f"{ANA}api/kernels").status_code == 200
    platform.web.person = "bob"
    bob = platform.browser()
    assert bob.get(f"{ANA}lab").status_code == 403
    assert bob.get(f"{ANA}api/kernels").status_code == 403
    assert httpx.get(f"{platform.url}{ANA}api/contents").status_code == 403


def test_signing_out_of_the_hub_signs_out_of_web(ana: Browser) -> None:
    left = ana.get("/notebooks/hub/logout")
    assert left.json() == {"page": "/accounts/logout/?from=hub"}
    refused = ana.client.get(f"{ana.url}{ANA}api/kernels", follow_redirects=False)
    assert refused.status_code == 403


def test_who_is_deleted_loses_sessions_and_access(
    ana: Browser, platform: Platform
) -> None:
    platform.hub.delete_person("ana")
    assert platform.keeper.client.poll("session-1")["state"] == "exited"
    refused = ana.client.get(f"{ana.url}{ANA}api/kernels", follow_redirects=False)
    assert refused.status_code != 200
    platform.hub.delete_person("ana")  # again, and nothing happens


def test_webs_token_opens_no_more_than_it_needs(platform: Platform) -> None:
    api = f"http://127.0.0.1:{platform.hub_port}/notebooks/hub/api"
    headers = {"Authorization": f"token {platform.web.service_token}"}
    assert start(platform, "ana", "malaria")[-1].is_ready
    told = httpx.get(f"{api}/users/ana", headers=headers).json()
    assert told.get("auth_state") is None
    tokens = httpx.post(f"{api}/users/ana/tokens", headers=headers, json={})
    admin = httpx.post(f"{api}/users/eve", headers=headers, json={"admin": True})
    stop = httpx.post(f"{api}/shutdown", headers=headers, json={})
    assert [tokens.status_code, admin.status_code, stop.status_code] == [403, 403, 403]
    assert httpx.put(f"{api}/people/eve").status_code == 403


def test_routes_return_to_a_front_door_that_forgot_them(platform: Platform) -> None:
    platform.hub.restore_routes()
    assert platform.browser().get("/notebooks/hub/health").status_code == 200


def _of_bob(platform: Platform, code: str) -> str:
    """What the same code says in bob's session of the same workspace."""
    platform.web.person = "bob"
    if platform.hub.server("bob", "malaria") is None:
        assert start(platform, "bob", "malaria")[-1].is_ready
    bob = platform.browser()
    bob.get("/notebooks/user/bob/malaria/lab")
    return bob.run("/notebooks/user/bob/malaria/", code)


def _command_lines() -> list[str]:
    lines = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            lines.append(path.read_text())
        except (FileNotFoundError, ProcessLookupError):
            continue
    return lines
