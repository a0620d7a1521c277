import json

import pytest
from django.test import Client
from django.urls import reverse

from hexa.backends.storage.store import ObjectStore
from hexa.files.models import Drive
from hexa.files.queries import preview
from hexa.files.queries.looks import Look
from hexa.files.queries.preview import Preview
from hexa.workspaces.models import Role
from tests.conftest import SignedIn
from tests.makers import TESTS, make_member

pytestmark = pytest.mark.django_db


def look(
    drive: Drive,
    objects: ObjectStore,
    name: str,
    content: bytes,
    asked: Look | None = None,
) -> Preview:
    objects.put(drive.bucket, name, content)
    facts = objects.head(drive.bucket, name)
    return preview.preview(drive, facts, by=TESTS, look=asked or Look())


@pytest.mark.parametrize(
    ("content", "delimiter", "encoding", "has_comma", "kinds"),
    [
        (b"a,b\n1,x\n2.5,y\n", ",", "UTF-8", False, ["number", "text"]),
        (b"cas;taux\n1;0,31\n2;0,28\n", ";", "UTF-8", True, ["number", "number"]),
        (
            "nom;né\nBé;1\n".encode("cp1252"),
            ";",
            "Windows-1252",
            False,
            ["text", "number"],
        ),
        (b"\xef\xbb\xbfa\tb\n1\t2\n", "\t", "UTF-8-SIG", False, ["number", "number"]),
        ("a;b\n1;2\n".encode("utf-16"), ";", "UTF-16", False, ["number", "number"]),
        (b"code;n\n007;1\n012;2\n", ";", "UTF-8", False, ["text", "number"]),
        (b'a,b\n"x,\ny",1\n', ",", "UTF-8", False, ["text", "number"]),
        (b"alone\n1\n2\n", ",", "UTF-8", False, ["number"]),
    ],
)
def test_a_csv_is_read_as_it_was_written(
    drive: Drive,
    objects: ObjectStore,
    content: bytes,
    delimiter: str,
    encoding: str,
    has_comma: bool,
    kinds: list[str],
) -> None:
    table = look(drive, objects, "x.csv", content).table
    assert table is not None
    assert table.dialect is not None
    assert (table.dialect.delimiter, table.dialect.encoding) == (delimiter, encoding)
    assert table.dialect.has_decimal_comma is has_comma
    assert [column.kind for column in table.columns] == kinds
    assert table.row_count == len(table.rows)


def test_rows_of_any_width_and_missing_values_are_shown(
    drive: Drive, objects: ObjectStore
) -> None:
    table = look(drive, objects, "x.csv", b"a,b,c\n1,,3\n4\n5,6,7,8\n\n").table
    assert table is not None
    assert table.rows == [["1", None, "3"], ["4", None, None], ["5", "6", "7"]]


def test_of_a_large_csv_only_the_beginning_is_read(
    drive: Drive, objects: ObjectStore
) -> None:
    line = "Kpalimé;12;0,5\n".encode()
    table = look(drive, objects, "x.csv", b"a;b;c\n" + line * 100_000).table
    assert table is not None
    assert (table.row_count, len(table.rows), table.has_more) == (None, 100, True)
    assert table.dialect is not None
    assert table.dialect.encoding == "UTF-8"


NOTEBOOK = {
    "cells": [
        {"cell_type": "markdown", "source": ["# Title\n", "<script>alert(1)</script>"]},
        {
            "cell_type": "code",
            "execution_count": 3,
            "source": "df",
            "outputs": [
                {"output_type": "stream", "text": ["\x1b[31mred\x1b[0m\n"]},
                {
                    "output_type": "execute_result",
                    "data": {
                        "text/html": '<table onclick="evil()"><tr><td>7</td></tr></table>'
                        '<script>evil()</script><img src=x onerror="evil()">'
                    },
                },
                {"output_type": "display_data", "data": {"image/png": "aGVsbG8=\n"}},
                {"output_type": "display_data", "data": {"image/png": '"><script>'}},
                {"output_type": "error", "traceback": ["KeyError", "'cas'"]},
                {"output_type": "display_data", "data": {"text/plain": "plain"}},
                {"output_type": "display_data", "data": {"x/y": "?"}},
            ],
        },
        {"cell_type": "raw", "source": None},
    ],
    "metadata": {"language_info": {"name": "python"}},
}


def test_a_notebook_is_shown_and_nothing_in_it_acts(
    drive: Drive, objects: ObjectStore, signed_in: SignedIn
) -> None:
    objects.put(drive.bucket, "x.ipynb", json.dumps(NOTEBOOK).encode())
    viewer: Client = signed_in(make_member(drive.workspace, role=Role.VIEWER))
    around = viewer.get(drive.url_of("x.ipynb")).content.decode()
    address = reverse(
        "files_notebook", args=[drive.workspace.slug, drive.name, "x.ipynb"]
    )
    assert f'src="{address}" sandbox=' in around
    answer = viewer.get(address)
    policy = answer["Content-Security-Policy"]
    assert "sandbox allow-popups" in policy
    assert "allow-scripts" not in policy
    assert "script-src 'none'" in policy
    assert "frame-ancestors 'self'" in policy
    page = answer.content.decode()
    assert "<td>7</td>" in page
    assert "data:image/png;base64,aGVsbG8=" in page
    assert '<span class="ansi-red">red</span>' in page
    for evil in ("evil()", "<script", "onerror", "\x1b"):
        assert evil not in page


@pytest.mark.parametrize(
    "content",
    [
        b"{}",
        b"not json",
        b"[]",
        b'{"cells": 3}',
        b'{"cells": ["x"]}',
        b"\xff",
        b"[" * 99_999,
    ],
)
def test_what_is_no_notebook_says_so(
    drive: Drive, objects: ObjectStore, signed_in: SignedIn, content: bytes
) -> None:
    objects.put(drive.bucket, "x.ipynb", content)
    viewer: Client = signed_in(make_member(drive.workspace, role=Role.VIEWER))
    address = reverse(
        "files_notebook", args=[drive.workspace.slug, drive.name, "x.ipynb"]
    )
    answer = viewer.get(address)
    assert answer.status_code == 200
    assert "is not a notebook" in answer.content.decode()


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.txt", b"hello", "text"),
        ("a.py", b"print()", "text"),
        ("README", b"hello", "text"),
        ("unknown.xyz", b"\0\1\2", "none"),
        ("a.md", b"# Hello", "markdown"),
        ("a.zip", b"PK", "none"),
        ("a.mp3", b"ID3", "audio"),
        ("a.MP4", b"ftyp", "video"),
        ("a.json", b'{"a": [1]}', "text"),
        ("a.pdf", b"%PDF", "pdf"),
        ("a.geojson", b"{}", "map"),
        ("bad.parquet", b"PAR1 is not all", "damaged"),
        ("bad.xlsx", b"PK is not all", "damaged"),
        ("a.png", b"PNG", "image"),
        ("a.svg", b"<svg onload='evil()'/>", "image"),
        ("a.html", b"<script>evil()</script>", "text"),
        ("empty.csv", b"", "empty"),
    ],
)
def test_each_kind_of_file_has_its_preview(
    drive: Drive,
    objects: ObjectStore,
    signed_in: SignedIn,
    name: str,
    content: bytes,
    kind: str,
) -> None:
    assert look(drive, objects, name, content).kind == kind
    viewer: Client = signed_in(make_member(drive.workspace, role=Role.VIEWER))
    response = viewer.get(drive.url_of(name))
    assert response.status_code == 200
    assert "<script>evil" not in response.content.decode()


def test_of_a_long_text_whole_letters_are_shown(
    drive: Drive, objects: ObjectStore
) -> None:
    seen = look(drive, objects, "a.txt", b"x" + "é".encode() * 70_000)
    assert seen.is_cut
    assert seen.encoding == "UTF-8"
    assert set(seen.text) == {"x", "é"}


def test_json_is_indented_and_a_trap_of_brackets_is_only_text(
    drive: Drive, objects: ObjectStore
) -> None:
    shown = look(drive, objects, "a.json", b'{"ville":"Lom\xc3\xa9","n":[1,2]}')
    assert shown.text.splitlines()[1] == '  "ville": "Lomé",'
    trap = look(drive, objects, "b.json", b"[" * 500_000)
    assert (trap.kind, trap.is_cut, len(trap.text)) == ("text", True, 2**16)
