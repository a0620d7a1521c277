"""The R package reads the same grammar; asked once for all the names."""

import json
import os
import shutil
import subprocess
import unicodedata
from pathlib import Path
from urllib.parse import quote

import pytest

from hexakit import Address, NotAnAddress, address

pytestmark = pytest.mark.skipif(
    shutil.which("Rscript") is None, reason="R is not installed"
)

KEYS = [
    "a.csv",
    unicodedata.normalize("NFC", "Données été/a b.csv"),
    unicodedata.normalize("NFD", "Données été/a b.csv"),
    "100 %.csv",
    "%41.csv",
    "a#b+c?d&e=f.csv",
    'it\'s "quoted" \\.csv',
    "🦟.parquet",
    "s3:other/x",
    "folder/",
]
FORMS = [
    "s3://malaria-team/{}",
    "gs://malaria-team/{}",
    "s3:malaria-team/{}",
    "s3:/malaria-team//{}",
    "/gcs:malaria-team/{}",
    "gs:malaria-team/{}",
    "s3:malaria-team~raw~2026 %7E%25/{}",
    "/home/hexa/workspace/{}",
    "workspace/{}",
    "https://hexa.example/workspaces/m/files/s3%3Amalaria-team/{}",
    "gcs:/malaria-team/{}",
    "/home/jovyan/workspace/{}",
    "ftp://malaria-team/{}",
    "/home/hexa/workspace/../{}",
    "",
]


def test_both_read_the_same_addresses(r_library: Path, tmp_path: Path) -> None:
    written = [form.format(key) for form in FORMS for key in KEYS]
    link = "https://hexa.example/workspaces/m/files/s3:malaria-team/{}"
    written += [link.format(quote(key)) for key in KEYS]
    written += [Address("s3", "malaria-team", key).posix_path for key in KEYS]
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("WORKSPACE_BUCKET_NAME", "malaria-team")
        environment.delenv("WORKSPACE_FILES_PATH", raising=False)
        expected = [_address(text) for text in written]
    (tmp_path / "written").write_text("".join(f"{text}\n" for text in written))
    script = """
        written <- readLines(commandArgs(TRUE)[1], encoding = "UTF-8")
        for (text in written) {
          found <- tryCatch(hexakit::address(text), error = function(reason) "none")
          writeLines(found, useBytes = TRUE)
        }
    """
    found = run_r(script, str(tmp_path / "written"), library=r_library)
    assert found.splitlines() == expected


@pytest.mark.parametrize("key", KEYS[:-1])
def test_a_pasted_line_holds_the_exact_address(r_library: Path, key: str) -> None:
    line = Address.of(f"s3://malaria-team/{key}").r_line
    script = f"""
        parsed <- parse(text = {json.dumps(line, ensure_ascii=False)}, encoding = "UTF-8")
        writeLines(parsed[[1]][[3]][[2]], useBytes = TRUE)
    """
    assert run_r(script, library=r_library).rstrip("\n") == f"s3://malaria-team/{key}"


def run_r(script: str, *arguments: str, library: Path) -> str:
    environment = {
        **os.environ,
        "R_LIBS": str(library),
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "WORKSPACE_BUCKET_NAME": "malaria-team",
    }
    ended = subprocess.run(
        ["Rscript", "--vanilla", "-e", script, *arguments],
        capture_output=True,
        env=environment,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr.decode()
    return ended.stdout.decode()


def _address(text: str) -> str:
    try:
        return address(text)
    except NotAnAddress:
        return "none"
