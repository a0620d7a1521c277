"""A real JupyterLab with the prebuilt extension, and a person in front of it."""

import contextlib
import json
import os
import re
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Locator, Page, expect

from tests.ports import free_port

ROOT = Path(__file__).parents[2]
LAB = ROOT / ".envs" / "lab"
LABEXTENSION = ROOT / "packages" / "hexa-lab" / "src" / "hexa_lab" / "labextension"
DRIVE = "s3:malaria-team"
CLOSED_DRIVE = "gcs:who-data"
START_SECONDS = 60
STATUS: dict[str, Any] = {
    "workspace": {"slug": "malaria", "name": "Malaria", "url": "/workspaces/malaria/"},
    "drives": [
        {"name": DRIVE, "access": "write"},
        {"name": CLOSED_DRIVE, "access": "read"},
    ],
    "stop_warning": None,
    "last_kill": None,
}


@dataclass(frozen=True, slots=True)
class Server:
    url: str
    home: Path

    def say(self, **changes: Any) -> None:
        """What the status answers from now on. Tabs see it when they next look."""
        whole = self.home / "status.json.new"
        whole.write_text(json.dumps({**STATUS, **changes}))
        whole.rename(self.home / "status.json")

    @property
    def asked(self) -> list[str]:
        """The verbs POSTed so far."""
        asked = self.home / "asked.json"
        verbs: list[str] = json.loads(asked.read_text()) if asked.exists() else []
        return verbs


@contextlib.contextmanager
def running_lab(folder: Path, *, language: str) -> Iterator[Server]:
    """`language` is a JupyterLab locale, such as fr_FR."""
    server = Server(url=f"http://127.0.0.1:{free_port()}/lab-ui/", home=folder / "home")
    _furnish(server.home)
    server.say()
    with (folder / "lab.log").open("w") as log:
        process = subprocess.Popen(
            _command(server, folder, language),
            env=_environment(folder),
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        _await(server, process, folder / "lab.log")
        yield server
    finally:
        process.terminate()
        process.wait(timeout=10)


def _furnish(home: Path) -> None:
    data = home / DRIVE / "données 2026"
    data.mkdir(parents=True)
    (data / "élevés à Kinshasa.csv").write_text("a,b\n1,2\n")
    (data / "cas.parquet").touch()
    (home / CLOSED_DRIVE).mkdir()
    (home / CLOSED_DRIVE / "cases.csv").write_text("a,b\n1,2\n")
    (home / "brouillon été.txt").write_text("draft\n")


def _command(server: Server, folder: Path, language: str) -> list[str]:
    port = re.findall(r":(\d+)/", server.url)[0]
    settings = folder / "overrides"
    settings.mkdir()
    overrides = {
        "@jupyterlab/translation-extension:plugin": {"locale": language},
        "@jupyterlab/docmanager-extension:plugin": {"autosave": False},
    }
    (settings / "overrides.json").write_text(json.dumps(overrides))
    return [
        str(LAB / "bin" / "jupyter-lab"),
        "--no-browser",
        "--allow-root",
        "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.port={port}",
        "--ServerApp.base_url=/lab-ui/",
        "--IdentityProvider.token=",
        f"--ServerApp.root_dir={server.home}",
        "--ServerApp.contents_manager_class=standin.Drives",
        "--ServerApp.jpserver_extensions={'standin': True, 'hexa_lab': False}",
        f"--LabApp.extra_labextensions_path={LABEXTENSION}",
        f"--LabApp.app_settings_dir={settings}",
    ]


def _environment(folder: Path) -> dict[str, str]:
    return {
        **os.environ,
        "PYTHONPATH": str(Path(__file__).parent),
        "HOME": str(folder),
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
        "JUPYTERLAB_SETTINGS_DIR": str(folder / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(folder / "workspaces"),
    }


def _await(server: Server, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(httpx.TransportError):
            if httpx.get(server.url + "api/status").is_success:
                return
        time.sleep(0.2)
    raise RuntimeError(f"JupyterLab did not start:\n{log.read_text()[-4000:]}")


class Person:
    """Somebody with JupyterLab open in one tab."""

    def __init__(self, page: Page, server: Server) -> None:
        self.page = page
        self.server = server

    def opens(self, path: str = "") -> None:
        """A fresh layout; JupyterLab would restore the tabs of whoever came before."""
        tree = f"/tree/{path}" if path else ""
        self.page.goto(f"{self.server.url}lab{tree}?reset")
        items = self.page.locator(".jp-DirListing-item")
        expect(items.first).to_be_visible(timeout=60_000)

    def item(self, name: str) -> Locator:
        return self.page.locator(".jp-DirListing-item", has_text=name)

    def enters(self, *folders: str) -> None:
        for folder in folders:
            self.item(folder).dblclick()
            crumb = self.page.locator(".jp-BreadCrumbs-item", has_text=folder)
            expect(crumb.last).to_be_visible()

    def chooses(self, name: str, *labels: str) -> None:
        """From the context menu of an item, following submenus."""
        self.item(name).click(button="right")
        self._walks_menu(labels)

    def chooses_in_file_menu(self, label: str) -> None:
        self.page.locator(".lm-MenuBar-item").first.click()
        self._walks_menu((label,))

    def _walks_menu(self, labels: tuple[str, ...]) -> None:
        for label in labels:
            exactly = re.compile(f"^{re.escape(label)}$")
            entry = self.page.locator(".lm-Menu-itemLabel").filter(has_text=exactly)
            expect(entry).to_be_visible()
            entry.click()

    @property
    def clipboard(self) -> str:
        text: str = self.page.evaluate("navigator.clipboard.readText()")
        return text

    def is_told(self, text: str) -> Locator:
        toast = self.page.locator(".Toastify__toast", has_text=text)
        expect(toast.first).to_be_visible()
        return toast.first

    def looks_away_and_back(self) -> None:
        """The extension asks for the status when a tab comes back into view."""
        self.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
