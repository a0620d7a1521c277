"""What the web needs done before it may answer, only when something has changed."""

import asyncio
import compileall
import hashlib
import json
import os
import signal
import sysconfig
from dataclasses import dataclass, field
from pathlib import Path

import hexa
from hexa.site import settings
from hexa.site.installation import Trouble
from hexa.site.supervisor import process
from hexa.site.supervisor.component import Task
from hexa.site.supervisor.components.plan import Plan
from hexa.site.supervisor.watch import last_line

NAME = "preparation"
_PACKAGE = Path(hexa.__file__).parent


@dataclass
class Preparation:
    plan: Plan
    environment: dict[str, str]
    setup_link: str | None = None
    admin: str | None = None
    after: frozenset[str] = field(default=frozenset({"postgres"}))

    def task(self) -> Task:
        return Task(
            name=NAME, title="Database and pages", run=self._run, after=self.after
        )

    async def _run(self) -> None:
        stamp = await asyncio.to_thread(_stamp)
        done = self._done()
        if done == {"stamp": stamp, "complete": True}:
            return
        flags = ["--up-to-date"] if done.get("stamp") == stamp else []
        if not flags:
            # Behind walls the code is read-only: what is not compiled here never is.
            await asyncio.to_thread(compileall.compile_dir, _PACKAGE, quiet=2)
        result = await self._prepare(flags)
        self.setup_link, self.admin = result.get("setup_link"), result.get("admin")
        done = {"stamp": stamp, "complete": self.setup_link is None}
        uid = os.geteuid()
        self.plan.installation.write_private("prepared.json", json.dumps(done), uid=uid)

    def _done(self) -> dict[str, object]:
        path = self.plan.installation.path("run", "prepared.json")
        try:
            found: dict[str, object] = json.loads(path.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return {}
        return found

    async def _prepare(self, flags: list[str]) -> dict[str, str | None]:
        place = self.plan.installation
        command = self.plan.python(
            "-m", "django", "hexa_prepare", *flags,
            name="preparation", writable=(place.path("static"),),
        )  # fmt: skip
        given = {
            "HEXA_ADMIN_EMAIL": settings.ADMIN_EMAIL,
            "HEXA_ADMIN_PASSWORD": settings.ADMIN_PASSWORD,
        }
        log = place.path("logs", "preparation.log")
        running = await process.start(
            command,
            environment=self.environment | {k: v for k, v in given.items() if v},
            working_directory=Path("/"),
            log=log,
            answers=True,
        )
        try:
            output, _ = await running.communicate()
        finally:
            await process.stop(running, how=signal.SIGTERM, patience_s=2)
        if running.returncode != 0:
            cause = last_line(log).removeprefix("CommandError: ")
            raise Trouble(
                f"The platform's database cannot be prepared: {cause}",
                f"See {log}.",
            )
        result: dict[str, str | None] = json.loads(output.decode().splitlines()[-1])
        return result


def _stamp() -> str:
    """Changes with our code, what is installed, and settings kept in the database."""
    installed = Path(sysconfig.get_path("purelib")).stat().st_mtime_ns
    seen = hashlib.sha256(str(installed).encode())
    for path in sorted(_PACKAGE.rglob("*")):
        if "__pycache__" not in path.parts and path.is_file():
            found = path.stat()
            seen.update(f"{path} {found.st_size} {found.st_mtime_ns}\n".encode())
    given = (settings.PUBLIC_URL, settings.ADMIN_EMAIL, settings.DEMO, settings.DEBUG)
    seen.update(repr(given).encode())
    return seen.hexdigest()
