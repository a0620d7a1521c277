"""Programs in a terminal reach every drive by its plain address, with nothing typed."""

import os
import shutil
import subprocess
from pathlib import Path

import httpx
import pytest

from tests.gateway.conftest import PYTHON, Kernel
from tests.lab.server import REPOSITORY

AWS = REPOSITORY / ".envs" / "clients" / "bin"
NAME = "été #1+2 %.csv"


class Terminal:
    """A shell in a session. `aws` is what a person brings along, the rest is there."""

    def __init__(self, kernel: Kernel, folder: Path) -> None:
        self.folder = folder
        path = f"{PYTHON.parent}:{AWS}:/usr/bin:/bin"
        self.environment = {**kernel.environment, "HOME": str(folder), "PATH": path}

    def run(self, line: str) -> str:
        done = subprocess.run(
            ["/bin/bash", "-euc", line],
            env=self.environment,
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, (line, done.stdout, done.stderr)
        return done.stdout


@pytest.fixture
def terminal(kernel: Kernel, tmp_path: Path) -> Terminal:
    tree = tmp_path / "tree" / "données"
    tree.mkdir(parents=True)
    (tree / NAME).write_text("district,cases\nA,41\n")
    # More than one part.
    (tmp_path / "tree" / "big.bin").write_bytes(os.urandom(20 << 20))
    return Terminal(kernel, tmp_path)


def test_the_command_line_of_amazon(terminal: Terminal, bucket: str) -> None:
    terminal.run(f"aws s3 cp --quiet --recursive tree s3://{bucket}/by-aws/")
    listed = terminal.run(f"aws s3 ls --recursive s3://{bucket}/by-aws/")
    assert f"by-aws/données/{NAME}" in listed
    assert "20971520 by-aws/big.bin" in listed
    terminal.run(f"aws s3 sync --quiet s3://{bucket}/by-aws/ back")
    terminal.run("diff -r tree back")
    terminal.run(f"aws s3 mv --quiet s3://{bucket}/by-aws/big.bin s3://{bucket}/b.bin")
    terminal.run(f"aws s3 cp --quiet s3://{bucket}/b.bin - | cmp - tree/big.bin")
    terminal.run("aws configure set default.s3.signature_version s3v4")
    link = terminal.run(f"aws s3 presign 's3://{bucket}/by-aws/données/{NAME}'").strip()
    assert httpx.get(link).text == "district,cases\nA,41\n"
    terminal.run(f"aws s3 rm --quiet --recursive s3://{bucket}/")


def test_rclone_by_the_name_of_the_drive(terminal: Terminal, bucket: str) -> None:
    terminal.run(f"rclone copy tree s3:{bucket}/by-rclone")
    assert "données" in terminal.run(f"rclone lsd s3:{bucket}/by-rclone")
    terminal.run(f"rclone check --download tree s3:{bucket}/by-rclone")
    terminal.run(f"rclone moveto s3:{bucket}/by-rclone/big.bin s3:{bucket}/b.bin")
    terminal.run(f"rclone cat s3:{bucket}/b.bin | cmp - tree/big.bin")
    terminal.run(f"rclone sync s3:{bucket}/by-rclone s3:{bucket}/copied")
    assert NAME in terminal.run(f"rclone ls s3:{bucket}/copied")
    terminal.run(f"rclone delete s3:{bucket}")
    assert terminal.run(f"rclone ls s3:{bucket}") == ""


@pytest.mark.skipif(shutil.which("Rscript") is None, reason="R is not installed")
def test_r_by_the_plain_address(terminal: Terminal, bucket: str) -> None:
    terminal.environment |= {
        "R_LIBS": str(PYTHON.parents[1] / "lib" / "R"),
        "HEXA_PYTHON": str(PYTHON),
    }
    written = f"s3://{bucket}/by-r/été #1.parquet"
    (terminal.folder / "a.R").write_text(f"""
        library(hexakit)
        write_parquet(data.frame(district = "A", cases = 41), "{written}")
        write_csv(read_parquet("{written}"), "s3://{bucket}/by-r/a.csv")
        cat(read_csv("s3://{bucket}/by-r/a.csv")$cases)
    """)
    assert terminal.run("Rscript --vanilla a.R") == "41"
    terminal.run(f"rclone delete s3:{bucket}/by-r")
