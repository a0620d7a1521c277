"""A person at a browser: silent sign-in by redirects, and code run in a kernel."""

import json
import uuid
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlsplit

import httpx
from websockets.sync.client import connect


@dataclass
class Browser:
    """Keeps cookies, follows redirects; belongs to whoever web says is signed in."""

    url: str
    client: httpx.Client

    @classmethod
    def at(cls, url: str) -> Self:
        return cls(url, httpx.Client(follow_redirects=True, timeout=30))

    def get(self, path: str) -> httpx.Response:
        return self.client.get(f"{self.url}{path}")

    def post(self, path: str, body: dict[str, Any]) -> httpx.Response:
        token = self._xsrf(path)
        return self.client.post(
            f"{self.url}{path}", json=body, headers={"X-XSRFToken": token}
        )

    def run(self, server: str, code: str, *, kernel: str = "python3") -> str:
        """What a new kernel of `server` (/notebooks/user/…/) prints."""
        created = self.post(f"{server}api/kernels", {"name": kernel})
        assert created.status_code == 201, created.text
        path = f"{server}api/kernels/{created.json()['id']}"
        cookies = "; ".join(
            f"{cookie.name}={cookie.value}" for cookie in self.client.cookies.jar
        )
        address = f"ws://{urlsplit(self.url).netloc}{path}/channels"
        with connect(address, additional_headers={"Cookie": cookies}) as socket:
            socket.send(_execute_request(code))
            printed = _printed(socket)
        self.client.delete(
            f"{self.url}{path}", headers={"X-XSRFToken": self._xsrf(path)}
        )
        return printed

    def _xsrf(self, path: str) -> str:
        for cookie in self.client.cookies.jar:
            if cookie.name == "_xsrf" and path.startswith(cookie.path):
                return cookie.value or ""
        return ""


def _execute_request(code: str) -> str:
    return json.dumps(
        {
            "channel": "shell",
            "header": {
                "msg_id": uuid.uuid4().hex,
                "msg_type": "execute_request",
                "session": uuid.uuid4().hex,
                "username": "",
                "version": "5.3",
            },
            "parent_header": {},
            "metadata": {},
            "content": {"code": code, "silent": False, "store_history": False},
        }
    )


def _printed(socket: Any) -> str:
    """Until the kernel is idle again, or is told to be dead."""
    printed = ""
    while True:
        message = json.loads(socket.recv(timeout=60))
        kind, content = message["msg_type"], message["content"]
        if kind == "stream":
            printed += content["text"]
        elif kind == "error":
            printed += f"{content['ename']}: {content['evalue']}"
        elif kind == "status" and content["execution_state"] in {"restarting", "dead"}:
            return f"{printed}<{content['execution_state']}>"
        elif (
            kind == "status"
            and content["execution_state"] == "idle"
            and (message["parent_header"].get("msg_type") == "execute_request")
        ):
            return printed
