"""Mounts that reach into a sandbox that runs already.

A slot is a folder of ours, shared with the sandbox: what is mounted below it here
appears there. Once it has, the slot is cut off and emptied here, so that at rest no
person's folder is mounted anywhere but inside its own sandbox.
"""

import subprocess
from collections.abc import Iterable
from pathlib import Path

from hexa.backends.sandbox import walls

#: What a person brings; all else is the same for everybody.
BROUGHT = (walls.HOME, walls.BUCKET)


def make(slot: Path) -> list[walls.Mount]:
    """Returns what the sandbox must be given. Raises OSError."""
    inside = [walls.Mount(slot / at.name, at, writable=True) for at in BROUGHT]
    for mount in inside:
        mount.source.mkdir(parents=True)
    _run("mount", "--bind", slot, slot)
    _run("mount", "--make-private", slot)
    _run("mount", "--make-shared", slot)
    return inside


def fill(slot: Path, mounts: Iterable[walls.Mount]) -> None:
    """Bring these to their targets inside, once. Raises OSError.

    Who waits there is root: only what is mounted below the bucket's folder is writable.
    """
    stage = slot.with_name("stage")
    stage.mkdir()
    filled = []
    try:
        for mount in mounts:
            source = mount.source
            if mount.target != walls.HOME:
                _run("mount", "--rbind", source, stage)
                filled.append(stage)
                _run("mount", "-o", "remount,bind,ro", stage)
                source = stage
            _run("mount", "--rbind", source, slot / mount.target.name)
            filled.append(slot / mount.target.name)
    finally:
        # In this order: an end of ours must neither reach the sandbox nor, through
        # what is mounted below, the folder that was brought.
        _run("mount", "--make-private", slot)
        for place in filled:
            _run("mount", "--make-rslave", place)
            _run("umount", "--recursive", place)
        _run("umount", slot)


def remove(slot: Path) -> None:
    """Of one never filled, or by a keeper that died over it. Raises OSError.

    What is mounted below is a person's: nothing may be deleted before this returns.
    """
    if slot.exists() and _is_mounted(slot):
        _run("mount", "--make-rslave", slot)
        _run("umount", "--recursive", slot)


def _is_mounted(slot: Path) -> bool:
    # A folder mounted on itself has the device of its parent: `is_mount` says no.
    table = Path("/proc/self/mountinfo").read_text(encoding="utf-8")
    places = {line.split()[4] for line in table.splitlines()}
    return _escaped(slot.resolve()) in places


def _escaped(path: Path) -> str:
    """As the kernel writes it in its tables."""
    text = str(path)
    for letter in "\\ \t\n":
        text = text.replace(letter, f"\\{ord(letter):03o}")
    return text


def _run(program: str, *arguments: str | Path) -> None:
    done = subprocess.run(
        [program, *map(str, arguments)], check=False, capture_output=True, text=True
    )
    if done.returncode != 0:
        raise OSError(done.stderr.strip())
