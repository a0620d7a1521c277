"""A real JupyterLab server as it runs in a sandbox, without the sandbox."""

import os
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
from tests.lab.platform import TOKEN, Platform
from tests.ports import free_port

REPOSITORY = Path(__file__).parents[2]
LAB = Path(os.environ.get("HEXA_TEST_LAB", REPOSITORY / ".envs" / "lab"))
CONFIG = REPOSITORY / "packages" / "hexa-lab" / "src" / "hexa_lab" / "config"
_KEY = "test-key"


@dataclass
class Lab:
    folder: Path
    platform: Platform
    http: httpx.Client = field(init=False)
    port: int = 0
    _process: subprocess.Popen[bytes] | None = None

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def log(self) -> str:
        return (self.folder / "lab.log").read_text()

    def start(self) -> None:
        self.home.mkdir()
        (self.folder / "token").write_text(TOKEN)
        self.port = free_port()
        with (self.folder / "lab.log").open("wb") as log:
            self._process = subprocess.Popen(
                [
                    str(LAB / "bin" / "jupyter-lab"),
                    "--no-browser",
                    "--allow-root",
                    f"--ServerApp.port={self.port}",
                    "--ServerApp.port_retries=0",
                    "--ServerApp.ip=127.0.0.1",
                    f"--ServerApp.root_dir={self.home}",
                    f"--IdentityProvider.token={_KEY}",
                ],
                cwd=self.home,
                env=self._environment(),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.http = httpx.Client(
            base_url=f"http://127.0.0.1:{self.port}",
            headers={"Authorization": f"token {_KEY}"},
            timeout=60,
            trust_env=False,
        )
        self._wait()

    def stop(self) -> None:
        assert self._process is not None
        self.http.close()
        os.killpg(self._process.pid, signal.SIGTERM)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def get(self, path: str, **query: object) -> httpx.Response:
        params = {name: str(value) for name, value in query.items()}
        return self.http.get(_contents(path), params=params)

    def put(self, path: str, model: dict[str, Any]) -> httpx.Response:
        return self.http.put(_contents(path), json=model)

    def post(self, path: str, model: dict[str, Any]) -> httpx.Response:
        return self.http.post(_contents(path), json=model)

    def move(self, path: str, new_path: str) -> httpx.Response:
        return self.http.patch(_contents(path), json={"path": new_path})

    def delete(self, path: str) -> httpx.Response:
        return self.http.delete(_contents(path))

    def file(self, path: str, **headers: str) -> httpx.Response:
        return self.http.get(f"/files/{quote(path)}", headers=headers)

    def save_text(self, path: str, text: str) -> httpx.Response:
        return self.put(path, {"type": "file", "format": "text", "content": text})

    def names(self, path: str) -> set[str]:
        answer = self.get(path, type="directory")
        assert answer.status_code == httpx.codes.OK, answer.text
        return {entry["name"] for entry in answer.json()["content"]}

    def _environment(self) -> dict[str, str]:
        session = f"{self.platform.url}/api/session/"
        return {
            "PATH": f"{LAB / 'bin'}:/usr/bin:/bin",
            "HOME": str(self.home),
            "LANG": "C.UTF-8",
            "TRAITLETS_APPLICATION_RAISE_CONFIG_FILE_ERROR": "1",
            "JUPYTER_CONFIG_PATH": str(CONFIG),
            "HEXA_SESSION_URL": session,
            "HEXA_TOKEN_FILE": str(self.folder / "token"),
            "HEXA_LANGUAGE": self.platform.language,
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{session}credentials/s3/",
            "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": str(self.folder / "token"),
            "AWS_ENDPOINT_URL_S3": self.platform.store.endpoint,
            "WORKSPACE_BUCKET_NAME": "malaria-team",
        }

    def _wait(self) -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            assert self._process is not None
            assert self._process.poll() is None, self.log
            try:
                if self.http.get("/api/status").is_success:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.1)
        raise AssertionError(self.log)


def _contents(path: str) -> str:
    return f"/api/contents/{quote(path)}"
