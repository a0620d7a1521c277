"""Sandboxes start, last, end and are told about, whoever dies meanwhile."""

import asyncio
import json
import os
import socket
import subprocess
import time
from pathlib import Path

import pytest

from hexa.backends.sandbox import walls
from hexa.backends.sandbox.cages import Limits
from hexa.backends.sandbox.client import AsyncKeeper, Keeper
from hexa.backends.sandbox.errors import AlreadyRunning, BadRequest, KeeperUnreachable
from hexa.backends.sandbox.requests import Start, Told
from hexa.backends.sandbox.sandbox import kill_all
from hexa.site.supervisor.components.keeper import Sandboxes
from tests.contract.sandbox.keeping import MIB, RunningKeeper, wait_for

# Away from the terminal, from the parent and from signals: what tends to be left over.
STUBBORN = (
    "trap '' TERM; setsid sh -c 'trap \"\" TERM HUP INT; exec sleep 4242' & "
    "touch started; while :; do sleep 1; done"
)


def processes_of(keeper: RunningKeeper) -> list[str]:
    """Command lines of living processes that belong to the keeper's sandboxes."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            line = (path / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if "sleep 4242" in line or f"{keeper.state}/" in line:
            found.append(line)
    return found


def test_stop_leaves_no_process_within_five_seconds(keeper: RunningKeeper) -> None:
    name = keeper.run(STUBBORN)
    wait_for((keeper.homes / "1" / "started").exists)
    wait_for(lambda: any("sleep 4242" in line for line in processes_of(keeper)))
    began = time.monotonic()
    assert keeper.client.stop(name)["state"] == "exited"
    assert time.monotonic() - began < 5
    assert processes_of(keeper) == []


def test_when_the_keeper_does_not_answer_sandboxes_are_ended_without_it(
    keeper: RunningKeeper,
) -> None:
    keeper.run(STUBBORN)
    wait_for(lambda: any("sleep 4242" in line for line in processes_of(keeper)))
    keeper.kill()
    asyncio.run(Sandboxes(keeper.socket, keeper.state).end_all())
    wait_for(lambda: processes_of(keeper) == [])


def test_sandboxes_killed_while_they_are_being_built_leave_no_process(
    keeper: RunningKeeper,
) -> None:
    for _ in range(4):
        # Milliseconds apart, so that each is at another stage when the end comes.
        for home in range(1, 13):
            keeper.run(STUBBORN, home=home)
        keeper.kill()
        kill_all(keeper.state)
        wait_for(lambda: processes_of(keeper) == [])
        keeper.start()


def test_who_waits_for_the_end_is_told_of_it(keeper: RunningKeeper) -> None:
    name = keeper.run("touch up; until [ -e go ]; do sleep 0.05; done; exit 4")
    home = keeper.homes / "1"
    wait_for((home / "up").exists)

    async def ended() -> Told:
        waiting = asyncio.create_task(AsyncKeeper(keeper.socket).wait(name))
        await asyncio.sleep(0)
        (home / "go").touch()
        return await waiting

    told = asyncio.run(ended())
    assert (told["state"], told["exit_code"]) == ("exited", 4)


def test_a_server_that_ends_when_asked_is_not_waited_for(keeper: RunningKeeper) -> None:
    name = keeper.run(
        "trap 'touch saved; exit 3' TERM; touch up; while :; do sleep 0.05; done"
    )
    wait_for((keeper.homes / "1" / "up").exists)
    began = time.monotonic()
    told = keeper.client.stop(name)
    assert time.monotonic() - began < 1.5
    assert told["exit_code"] == 3
    assert (keeper.homes / "1" / "saved").exists()


def test_the_exit_of_a_sandbox_is_told(keeper: RunningKeeper) -> None:
    name = keeper.run("exit 5")
    wait_for(lambda: keeper.client.poll(name)["state"] == "exited")
    assert keeper.client.poll(name)["exit_code"] == 5
    assert keeper.client.poll("session-77")["state"] == "unknown"


def test_sandboxes_outlive_the_keeper_and_are_found_again(
    keeper: RunningKeeper,
) -> None:
    name = keeper.run(STUBBORN)
    wait_for((keeper.homes / "1" / "started").exists)
    started_at = keeper.client.poll(name)["started_at"]
    keeper.kill()
    with pytest.raises(KeeperUnreachable):
        keeper.client.poll(name)
    assert processes_of(keeper)
    keeper.start()
    told = keeper.client.poll(name)
    assert (told["state"], told["started_at"]) == ("running", started_at)
    keeper.client.stop(name)
    assert processes_of(keeper) == []


def test_an_end_without_a_keeper_is_told_by_the_next(keeper: RunningKeeper) -> None:
    name = keeper.run("until [ -e leave ]; do sleep 0.02; done; exit 9")
    keeper.kill()
    home = keeper.homes / "1"
    wait_for(home.exists)
    (home / "leave").touch()
    wait_for((keeper.state / name / "exit").exists)
    keeper.start()
    told = keeper.client.poll(name)
    assert (told["state"], told["exit_code"]) == ("exited", 9)
    assert not (keeper.state / name / "secrets").exists()


def test_what_grows_beyond_its_memory_is_killed_and_named(
    keeper: RunningKeeper,
) -> None:
    grow = "x = []\nwhile True: x.append(bytes(2**20 * 10))"
    name = keeper.run(
        f"/usr/bin/python3 -c '{grow}'; echo survived $?; exec sleep 60",
        limits=Limits(memory_bytes=150 * MIB),
    )
    output = keeper.state / name / "output.log"
    wait_for(lambda: "survived" in output.read_text(), seconds=30)
    assert keeper.client.poll(name)["state"] == "running"
    if "MemoryError" in output.read_text():
        return  # without control groups, the process itself is told
    wait_for(lambda: keeper.client.poll(name)["last_kill"] is not None)
    kill = keeper.client.poll(name)["last_kill"]
    assert kill is not None
    assert (kill["reason"], kill["limit_bytes"]) == ("memory", 150 * MIB)


def test_a_kill_for_memory_is_remembered_after_the_end(keeper: RunningKeeper) -> None:
    grow = "x = []\nwhile True: x.append(bytes(2**20 * 10))"
    name = keeper.run(
        f"/usr/bin/python3 -c '{grow}'; sleep 1.5",
        limits=Limits(memory_bytes=150 * MIB),
    )
    wait_for(lambda: keeper.client.poll(name)["state"] == "exited", seconds=30)
    log = (keeper.state / name / "output.log").read_text()
    assert "MemoryError" in log or keeper.client.poll(name)["last_kill"]


def test_use_is_measured(keeper: RunningKeeper) -> None:
    name = keeper.run("touch up; exec sleep 60", limits=Limits(memory_bytes=200 * MIB))
    wait_for((keeper.homes / "1" / "up").exists)
    stats = keeper.client.stats(name)
    assert stats is not None
    assert stats["processes"] >= 1
    assert 0 < stats["memory_bytes"] < 200 * MIB
    assert stats["memory_limit_bytes"] == 200 * MIB
    keeper.client.stop(name)
    assert keeper.client.stats(name) is None


def test_one_sandbox_of_a_name_runs_at_a_time(keeper: RunningKeeper) -> None:
    keeper.run("exec sleep 60")
    with pytest.raises(AlreadyRunning, match="session-1"):
        keeper.run("exec sleep 60")
    keeper.client.stop("session-1")
    keeper.run("exec sleep 60")


def request(keeper: RunningKeeper, **changed: object) -> dict[str, object]:
    start = Start(
        id="session-1",
        command=("/bin/true",),
        env={},
        mounts=(walls.Mount(keeper.homes / "1", walls.HOME, writable=True),),
        uid=walls.FIRST_HOME_UID + 1,
        limits=Limits(),
        files={},
    )
    return {**start.as_json(), **changed}


@pytest.mark.parametrize(
    "changed",
    [
        {"uid": 0},
        {"uid": walls.PLATFORM_UID},
        {"uid": "210001"},
        {"id": "../session"},
        {"mounts": []},
        {"mounts": [{"source": "/etc", "target": "/home/hexa", "writable": True}]},
        {"files": {"../args": {"content": "x", "mode": 256}}},
        {"files": {"/etc/passwd": {"content": "x", "mode": 256}}},
        {"env": {"A=B": "c"}},
        {"env": {"A": "b\0c"}},
        {"limits": {"memory_bytes": -1}},
        {"do": "become"},
    ],
)
def test_what_could_harm_the_platform_is_refused(
    keeper: RunningKeeper, changed: dict[str, object]
) -> None:
    assert "refused" in ask(keeper, {**request(keeper), **changed})
    assert keeper.client.list() == []


@pytest.mark.parametrize(
    "target", ["/", "/usr/bin", "/etc", "/proc/1", "/home/hexa/../../usr"]
)
def test_nothing_is_mounted_over_the_system(keeper: RunningKeeper, target: str) -> None:
    home = {"source": str(keeper.homes / "1"), "target": "/home/hexa", "writable": True}
    over = {"source": str(keeper.homes), "target": target, "writable": False}
    assert "refused" in ask(keeper, request(keeper, mounts=[home, over]))


def test_a_link_in_a_home_does_not_lead_out(keeper: RunningKeeper) -> None:
    keeper.output("ln -s /etc way-out")
    home = {"source": str(keeper.homes / "1"), "target": "/home/hexa", "writable": True}
    out = {
        "source": str(keeper.homes / "1" / "way-out"),
        "target": "/home/hexa/out",
        "writable": True,
    }
    assert "refused" in ask(keeper, request(keeper, mounts=[home, out]))


def test_nonsense_is_answered_calmly(keeper: RunningKeeper) -> None:
    for line in (b"{", b"[]", b"null", b'{"do": ["start"]}', b"\xff"):
        assert "refused" in json.loads(send(keeper, line))
    assert keeper.client.list() == []


@pytest.mark.skipif(os.geteuid() != 0, reason="takes the name of another user")
@pytest.mark.parametrize(("uid", "heard"), [(walls.PLATFORM_UID, True), (12345, False)])
def test_only_the_platform_may_ask(
    keeper: RunningKeeper, uid: int, heard: bool
) -> None:
    ask_as = (
        "import socket, sys; s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]);"
        's.sendall(b\'{"do": "list"}\\n\'); print(s.makefile().readline())'
    )
    asked = subprocess.run(
        [
            "/usr/bin/setpriv", "--reuid", str(uid), "--clear-groups",
            "/usr/bin/python3", "-c", ask_as, str(keeper.socket),
        ],
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert ('"ok"' in asked.stdout) is heard


def test_without_a_keeper_the_caller_is_told(tmp_path: Path) -> None:
    with pytest.raises(KeeperUnreachable, match="keeper"):
        Keeper(tmp_path / "none.sock").list()


def test_a_start_that_cannot_be_is_told(keeper: RunningKeeper) -> None:
    with pytest.raises(BadRequest):
        keeper.run("true", home=-5)


def ask(keeper: RunningKeeper, asked: dict[str, object]) -> dict[str, object]:
    answer: dict[str, object] = json.loads(send(keeper, json.dumps(asked).encode()))
    return answer


def send(keeper: RunningKeeper, line: bytes) -> str:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(keeper.socket))
        connection.sendall(line + b"\n")
        with connection.makefile() as answers:
            return answers.readline()
