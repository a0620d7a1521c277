"""What counts as work: running code, and no more than that."""

import datetime as dt
import json
import time
from collections.abc import Callable
from urllib.parse import urlsplit

from tests.lab.platform import Platform
from tests.lab.server import Lab
from tornado.httpclient import HTTPRequest
from tornado.ioloop import IOLoop
from tornado.websocket import websocket_connect


def told(lab: Lab, platform: Platform) -> str | None:
    """ "Keep running" makes the server report at once."""
    assert lab.http.post("/hexa/keep").status_code == 204
    return platform.idle_since


def send(lab: Lab, path: str, message: object) -> None:
    """One message over a web socket, as Lab's page sends them."""

    async def sent() -> None:
        address = f"ws://{urlsplit(str(lab.http.base_url)).netloc}/{path}"
        headers = {"Authorization": lab.http.headers["Authorization"]}
        socket = await websocket_connect(HTTPRequest(address, headers=headers))
        await socket.write_message(json.dumps(message))
        await socket.read_message()
        socket.close()

    IOLoop(make_current=False).run_sync(sent)


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.2)


def test_keep_makes_the_warning_go_at_once(lab: Lab, platform: Platform) -> None:
    platform.stops_at = "2030-01-01T12:00:00+00:00"
    wait_for(lambda: lab.http.get("/hexa/status").json()["stop_warning"] is not None)
    idle_since = told(lab, platform)
    assert idle_since is not None
    age = dt.datetime.now(dt.UTC) - dt.datetime.fromisoformat(idle_since)
    assert age < dt.timedelta(seconds=5)
    assert lab.http.get("/hexa/status").json()["stop_warning"] is None


def test_a_program_in_a_terminal_is_work_and_an_open_shell_is_not(
    lab: Lab, platform: Platform
) -> None:
    name = lab.http.post("/api/terminals").json()["name"]
    try:
        wait_for(lambda: told(lab, platform) is not None)
        send(lab, f"terminals/websocket/{name}", ["stdin", "sleep 3 &\r"])
        wait_for(lambda: told(lab, platform) is None)
        wait_for(lambda: told(lab, platform) is not None)
    finally:
        lab.http.delete(f"/api/terminals/{name}")


def test_code_in_a_kernel_is_work(lab: Lab, platform: Platform) -> None:
    kernel = lab.http.post("/api/kernels").json()["id"]
    header = {
        "msg_id": "1", "msg_type": "execute_request", "session": "s",
        "username": "", "date": "2026-01-01T00:00:00Z", "version": "5.3",
    }  # fmt: skip
    content = {"code": "import time; time.sleep(3)", "silent": False}
    message = {
        "header": header, "parent_header": {}, "metadata": {}, "content": content,
        "channel": "shell", "buffers": [],
    }  # fmt: skip
    try:
        send(lab, f"api/kernels/{kernel}/channels?session_id=s", message)
        wait_for(lambda: told(lab, platform) is None)
        wait_for(lambda: told(lab, platform) is not None)
    finally:
        lab.http.delete(f"/api/kernels/{kernel}")
