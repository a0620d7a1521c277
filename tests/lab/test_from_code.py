"""Pasted lines read the file they were copied for, in Python and in R."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from tests.hexakit.conftest import r_library  # noqa: F401  # a fixture
from tests.lab.platform import TOKEN, Platform
from tests.lab.server import REPOSITORY
from tests.lab.store import Store, bucket_of

from hexakit import Address

ENVIRONMENT = Path(
    os.environ.get("HEXA_TEST_ENVIRONMENT", REPOSITORY / ".envs" / "default")
)
NAMES = ["plain.csv", "Données 100 % été #1+2.csv", 'it\'s [a] "b".csv']

needs_r = pytest.mark.skipif(
    shutil.which("Rscript") is None, reason="R is not installed"
)


@pytest.fixture
def session(platform: Platform, tmp_path: Path) -> dict[str, str]:
    """The environment of a kernel."""
    token = tmp_path / "token"
    token.write_text(TOKEN)
    url = f"{platform.url}/api/session/"
    return {
        "PATH": f"{ENVIRONMENT / 'bin'}:/usr/bin:/bin",
        "HOME": str(tmp_path),
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "HEXA_SESSION_URL": url,
        "HEXA_TOKEN_FILE": str(token),
        "HEXA_PYTHON": str(ENVIRONMENT / "bin" / "python"),
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{url}credentials/s3/",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": str(token),
        "AWS_ENDPOINT_URL": platform.store.endpoint,
        "AWS_ENDPOINT_URL_S3": platform.store.endpoint,
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ALLOW_HTTP": "true",
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def python(code: str, session: dict[str, str]) -> str:
    command = [str(ENVIRONMENT / "bin" / "python"), "-c", code]
    return _said(command, session)


def r(code: str, session: dict[str, str]) -> str:
    return _said(["Rscript", "--vanilla", "-e", code], session)


def _said(command: list[str], session: dict[str, str]) -> str:
    ended = subprocess.run(command, env=session, capture_output=True, check=False)
    assert ended.returncode == 0, ended.stderr.decode()
    return ended.stdout.decode()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("tool", ["pandas_line", "duckdb_line"])
def test_pasted_python_reads_the_file(
    drive: str, store: Store, session: dict[str, str], name: str, tool: str
) -> None:
    store.put(bucket_of(drive), f"data/{name}", "district,cas\nKédougou,41\n".encode())
    line = getattr(Address.of(f"{drive}/data/{name}"), tool)
    code = f"{line}\nprint(df.district[0], df.cas[0] + 1)"
    assert python(code, session) == "Kédougou 42\n"


@pytest.mark.parametrize("start", ["duckdb.default_connection()", "duckdb.connect()"])
def test_duckdb_reaches_drives_with_nothing_typed(
    drive: str, store: Store, session: dict[str, str], start: str
) -> None:
    bucket = bucket_of(drive)
    for number in (1, 2):
        store.put(bucket, f"data/région {number}.csv", f"cas\n{number}\n".encode())
    code = f"""
import duckdb
connection, folder = {start}, "s3://{bucket}/data"
def total():
    print(connection.read_csv(folder + "/*.csv").sum("cas").fetchone()[0])
total()
connection.sql("SELECT 41 AS cas").write_csv(folder + "/région 3.csv")
total()
"""
    # On a slow machine there are bars of progress between them.
    said = python(code, session).splitlines()
    assert [line for line in said if line.isdecimal()] == ["3", "44"]


def test_duckdb_is_left_alone_outside_of_sessions(session: dict[str, str]) -> None:
    del session["HEXA_SESSION_URL"]
    code = "import duckdb; print(duckdb.list_filesystems())"
    assert python(code, session) == "[]\n"


@needs_r
@pytest.mark.parametrize("name", NAMES)
def test_pasted_r_reads_the_file(
    drive: str,
    store: Store,
    session: dict[str, str],
    r_library: Path,  # noqa: F811
    name: str,
) -> None:
    session["R_LIBS"] = str(r_library)
    store.put(bucket_of(drive), f"data/{name}", "district,cas\nKédougou,41\n".encode())
    line = Address.of(f"{drive}/data/{name}").r_line
    code = f"{line}\ncat(df$district[1], df$cas[1] + 1L)"
    assert r(code, session) == "Kédougou 42"


@needs_r
def test_r_writes_what_python_reads(
    drive: str,
    store: Store,
    session: dict[str, str],
    r_library: Path,  # noqa: F811
) -> None:
    session["R_LIBS"] = str(r_library)
    bucket = bucket_of(drive)
    code = f"""
        df <- data.frame(district = c("Kédougou", NA), cas = c(41L, 1L))
        hexakit::write_csv(df, "s3://{bucket}/out/été.csv")
        hexakit::write_parquet(df, "{drive}/out/été.parquet")
        again <- hexakit::read_parquet("s3://{bucket}/out/été.parquet")
        cat(again$district[1], sum(again$cas))
    """
    assert r(code, session) == "Kédougou 42"
    assert store.get(bucket, "out/été.csv").decode() == (
        '"district","cas"\n"Kédougou",41\n,1\n'
    )
    read = f'import pandas; df = pandas.read_parquet("s3://{bucket}/out/été.parquet")'
    assert python(
        f"{read}\nprint(df.cas.sum(), df.district.isna().sum())", session
    ) == ("42 1\n")


@needs_r
def test_r_says_what_it_may_not(
    drive: str,
    platform: Platform,
    session: dict[str, str],
    r_library: Path,  # noqa: F811
) -> None:
    session["R_LIBS"] = str(r_library)
    platform.drives[bucket_of(drive)] = "read"
    code = f"""
        said <- function(action) tryCatch(action, error = conditionMessage)
        cat(said(hexakit::write_csv(cars, "{drive}/a.csv")), "\\n")
        cat(said(hexakit::read_csv("{drive}/nothing.csv")), "\\n")
        cat(said(hexakit::read_csv("s3://another/a.csv")), "\\n")
    """
    refused, missing, strange = r(code, session).splitlines()
    assert "you may not write it" in refused
    assert "there is no such file" in missing
    assert "you may not read it" in strange
