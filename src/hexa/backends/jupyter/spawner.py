"""Starts a person's notebook server in a sandbox.

JupyterHub starts a server and then looks whether it answers, less and less often: up to
3.6 s late. Here `start` returns in the moment the server answers, so that the hub's own
first look succeeds.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

from jupyterhub.spawner import Spawner, SpawnException
from jupyterhub.utils import random_port
from tornado.httpclient import AsyncHTTPClient, HTTPError
from traitlets import Instance, Unicode

from hexa.backends.jupyter import kernels
from hexa.backends.jupyter.sessions import SessionTerms, ask_terms
from hexa.backends.jupyter.settings import HubSettings
from hexa.backends.sandbox import walls
from hexa.backends.sandbox.client import AsyncKeeper
from hexa.backends.sandbox.errors import AlreadyRunning, KeeperUnreachable
from hexa.backends.sandbox.requests import File, Start
from hexa.foundation.errors import Outage, Refusal

_LOOK_SECONDS = 0.03
_KEEPER_BACK_SECONDS = 0.5
_KERNELS = Path("/run/jupyter")
_TEMPORARY = walls.HOME / "tmp"
_RUNTIME = "/tmp/jupyter"  # noqa: S108  # the sandbox's own /tmp

# Where the bucket is mounted anew when its folder service restarts.
_FILES = walls.BUCKET / "files"


class NotStarted(SpawnException):  # type: ignore[misc]
    """Why a session does not start, in words for the person who waits."""

    @property
    def jupyterhub_message(self) -> str:
        return str(self.message)


class SandboxSpawner(Spawner):  # type: ignore[misc]  # JupyterHub has no annotations
    """One named server per workspace; the server's name is the workspace's slug."""

    settings = Instance(HubSettings, config=True)
    sandbox_id = Unicode()

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._steps: asyncio.Queue[tuple[int, str]] = asyncio.Queue()

    # What the hub keeps about a running server, to find it again after a restart.

    def load_state(self, state: dict[str, Any]) -> None:
        super().load_state(state)
        self.sandbox_id = state.get("sandbox_id", "")

    def get_state(self) -> dict[str, Any]:
        state: dict[str, Any] = super().get_state()
        if self.sandbox_id:
            state["sandbox_id"] = self.sandbox_id
        return state

    def clear_state(self) -> None:
        super().clear_state()
        self.sandbox_id = ""

    async def start(self) -> str:
        self._steps = asyncio.Queue()
        try:
            self._tell(10, "Checking what you may reach")
            terms = await ask_terms(
                self.settings.web_url,
                service_token=self.settings.service_token,
                handle=self.user.name,
                workspace=self.name,
            )
            self._tell(30, "Building the walls of your session")
            self.port = random_port()
            self.sandbox_id = f"session-{terms.home_id}"
            await self._start_sandbox(terms)
        except (Refusal, Outage) as error:
            raise NotStarted(str(error), reason=error.code.lower()) from error
        self._tell(50, "Starting JupyterLab")
        address = f"http://127.0.0.1:{self.port}"
        await self._answers(f"{address}{self.server.base_url}api")
        return address

    async def poll(self) -> int | None:
        if not self.sandbox_id:
            return 0
        try:
            told = await self._keeper.poll(self.sandbox_id)
        except KeeperUnreachable:
            # Sandboxes outlive the keeper: no news is not the end of a session.
            self.log.warning("the keeper of sandboxes does not answer")
            return None
        if told["state"] == "running":
            return None
        return told["exit_code"] or 0

    async def stop(self, now: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002
        if self.sandbox_id:
            await self._keeper.stop(self.sandbox_id)

    async def progress(self) -> AsyncIterator[dict[str, object]]:
        while True:
            percent, message = await self._steps.get()
            yield {"progress": percent, "message": message}

    @property
    def _keeper(self) -> AsyncKeeper:
        return AsyncKeeper(self.settings.keeper_socket)

    def _tell(self, percent: int, message: str) -> None:
        self._steps.put_nowait((percent, message))

    async def _start_sandbox(self, terms: SessionTerms) -> None:
        asked = Start(
            id=self.sandbox_id,
            command=self._command(),
            env=self._environment(terms),
            mounts=self._mounts(terms),
            uid=walls.FIRST_HOME_UID + terms.home_id,
            limits=terms.limits,
            files={
                "token": File(terms.token),
                **{name: File(text) for name, text in terms.files.items()},
            },
            waiting=self._command("--waiting"),
        )
        try:
            await self._keeper.start(asked)
        except AlreadyRunning:
            # One that a hub started which then lost its database; nobody can reach it.
            await self._keeper.stop(self.sandbox_id)
            await self._keeper.start(asked)

    def _command(self, *first: str) -> tuple[str, ...]:
        program = str(self.settings.lab_env / "bin" / "hexa-session")
        return (program, *first, "--KernelManager.transport=ipc")

    def _environment(self, terms: SessionTerms) -> dict[str, str]:
        given: dict[str, str] = self.get_env()
        own = {
            "HOME": str(walls.HOME),
            "USER": walls.USER,
            "LOGNAME": walls.USER,
            "SHELL": "/bin/bash",
            "LANG": "C.UTF-8",
            "PATH": kernels.path_variable(self.settings.default_env),
            "TMPDIR": str(_TEMPORARY),
            "JUPYTER_RUNTIME_DIR": _RUNTIME,
            "JUPYTER_PATH": str(_KERNELS),
            "PYTHONNOUSERSITE": "1",
            "HEXA_WORKSPACE_FOLDER": str(_FILES),
            "HEXA_LANGUAGE": terms.language,
        }
        return {**given, **own, **terms.env}

    def _mounts(self, terms: SessionTerms) -> tuple[walls.Mount, ...]:
        settings = self.settings
        programs = {
            *walls.runtime(settings.lab_env),
            *walls.runtime(settings.default_env),
        }
        mounts = [
            walls.Mount(
                settings.home_root / str(terms.home_id), walls.HOME, writable=True
            ),
            walls.Mount(settings.kernels_folder, _KERNELS),
            *(walls.Mount(folder, folder) for folder in sorted(programs)),
        ]
        if terms.workspace_folder is not None:
            mounts.append(
                walls.Mount(
                    terms.workspace_folder,
                    walls.BUCKET,
                    writable=terms.workspace_writable,
                )
            )
        return tuple(mounts)

    async def _answers(self, url: str) -> None:
        """Returns when the server does. The hub ends the wait at `start_timeout`."""
        answering = asyncio.ensure_future(_first_answer(self.ip, self.port, url))
        over = asyncio.ensure_future(self._is_over())
        try:
            await asyncio.wait({answering, over}, return_when=asyncio.FIRST_COMPLETED)
            if not answering.done():
                raise NotStarted(
                    "Your session ended while it was starting.", reason="ended"
                )
            answering.result()
        finally:
            answering.cancel()
            over.cancel()

    async def _is_over(self) -> None:
        """Returns when the sandbox has ended, as the keeper tells."""
        while True:
            try:
                await self._keeper.wait(self.sandbox_id)
            except KeeperUnreachable:
                # Sandboxes outlive it; the next one finds them.
                await asyncio.sleep(_KEEPER_BACK_SECONDS)
            else:
                return


async def _first_answer(address: str, port: int, url: str) -> None:
    # A server listens before it answers, and to look for that costs the hub little.
    await _until(lambda: _listens(address, port))
    await _until(lambda: _answers(url))


async def _until(holds: Callable[[], Awaitable[bool]]) -> None:
    while True:
        if await holds():
            return
        await asyncio.sleep(_LOOK_SECONDS)


async def _listens(address: str, port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection(address, port)
    except OSError:
        return False
    writer.close()
    return True


async def _answers(url: str) -> bool:
    try:
        answer = await AsyncHTTPClient().fetch(
            url, follow_redirects=False, raise_error=False
        )
    except (OSError, HTTPError):
        return False
    return answer.code < 500
