"""One address, whatever form a file's path was handed around in."""

import ast
import json
import re
import unicodedata
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hexakit import Address, NotAnAddress, address
from hexakit.addresses import drive_name, drive_of

buckets = st.from_regex(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", fullmatch=True)
schemes = st.sampled_from(["s3", "gs"])
segments = st.one_of(
    st.sampled_from(
        [
            unicodedata.normalize("NFC", "Données été.csv"),
            unicodedata.normalize("NFD", "Données été.csv"),
            "100 %.csv",
            "%41.csv",
            "a#b.csv",
            "a+b.csv",
            "a?b&c=d.csv",
            "🦟 malaria.parquet",
            'it\'s "quoted" \\.json',
            "s3:other",
        ]
    ),
    st.text(
        st.characters(exclude_categories=["Cs"], exclude_characters="/"), min_size=1
    ),
).filter(lambda name: name not in {".", ".."})
keys = st.lists(segments, min_size=1, max_size=4).map("/".join)


@given(schemes, buckets, keys)
def test_an_address_is_its_own_address(scheme: str, bucket: str, key: str) -> None:
    text = f"{scheme}://{bucket}/{key}"
    assert address(text) == text
    assert address(Address.of(text)) == text


@given(
    st.sampled_from([("s3", "s3"), ("gcs", "gs"), ("gs", "gs")]),
    st.sampled_from(["{0}:{1}/{2}", "{0}:/{1}/{2}", "{0}:{1}//{2}", "/{0}:{1}/{2}"]),
    buckets,
    keys,
)
def test_every_form_of_a_drive_path_leads_to_the_address(
    names: tuple[str, str], form: str, bucket: str, key: str
) -> None:
    written, scheme = names
    assert address(form.format(written, bucket, key)) == f"{scheme}://{bucket}/{key}"


@given(st.sampled_from([("s3", "s3"), ("gcs", "gs")]), buckets, keys, keys)
def test_the_name_of_a_folder_of_a_bucket_leads_to_its_address(
    names: tuple[str, str], bucket: str, folder: str, key: str
) -> None:
    provider, scheme = names
    name = drive_name(provider, bucket, f"{folder}/")
    assert "/" not in name
    assert drive_of(name) == (provider, bucket, f"{folder}/")
    assert address(f"{name}/{key}") == f"{scheme}://{bucket}/{folder}/{key}"
    assert drive_of(drive_name(provider, bucket)) == (provider, bucket, "")


@given(st.sampled_from(["s3", "gcs"]), buckets, keys, st.booleans(), st.booleans())
def test_a_web_link_leads_to_the_address(
    provider: str, bucket: str, key: str, encoded: bool, queried: bool
) -> None:
    drive = f"{provider}{'%3A' if encoded else ':'}{bucket}"
    link = (
        f"https://hexa.example:8888/workspaces/malaria-team/files/{drive}/{quote(key)}"
    )
    if queried:
        link += "?page=2#row"
    scheme = "gs" if provider == "gcs" else "s3"
    assert address(link) == f"{scheme}://{bucket}/{key}"


@given(
    st.sampled_from(
        [
            "/home/hexa/workspace/",
            "/home/jovyan/workspace/",
            "workspace/",
            "~/workspace/",
            "./workspace/",
        ]
    ),
    keys,
)
def test_a_posix_path_leads_to_the_address(prefix: str, key: str) -> None:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("WORKSPACE_BUCKET_NAME", "malaria-team")
        assert address(prefix + key) == f"s3://malaria-team/{key}"


@given(schemes, buckets, keys)
def test_pasted_python_holds_the_exact_address(
    scheme: str, bucket: str, key: str
) -> None:
    text = f"{scheme}://{bucket}/{key}"
    literals = [
        node.value
        for node in ast.walk(ast.parse(Address.of(text).pandas_line))
        if isinstance(node, ast.Constant)
    ]
    assert text in literals
    ast.parse(Address.of(text).duckdb_line)


@given(buckets, keys)
def test_every_way_to_name_a_file_leads_back_to_its_address(
    bucket: str, key: str
) -> None:
    """All that the menu of the Files page gives, and what people make of it."""
    named = Address("s3", bucket, key)
    link = f"https://hexa.example/workspaces/m/files/{named.drive}/{quote(key)}"
    ways = [str(named), f"{named.drive}/{key}", link]
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("WORKSPACE_BUCKET_NAME", bucket)
        ways += [named.posix_path] if named.posix_path else []
        assert {address(way) for way in ways} == {f"s3://{bucket}/{key}"}


@pytest.mark.parametrize("key", ["a//b", "a/./b", "a/../b", "../a", "."])
def test_what_no_path_can_name_has_none(key: str) -> None:
    assert Address("s3", "malaria-team", key).posix_path == ""
    folder = Address("s3", "malaria-team", "data/")
    assert folder.posix_path == "/home/hexa/workspace/data/"


@given(schemes, buckets, keys)
def test_a_pasted_query_names_exactly_that_file(
    scheme: str, bucket: str, key: str
) -> None:
    """Of DuckDB: no sign of a name is a pattern, and no quote ends the text."""
    line = Address(scheme, bucket, key).duckdb_line  # type: ignore[arg-type] # a sample
    (query,) = [
        node.value
        for node in ast.walk(ast.parse(line))
        if isinstance(node, ast.Constant) and str(node.value).startswith("FROM ")
    ]
    quoted = str(query).partition("(")[2].rpartition(")")[0]
    pattern = quoted[1:-1].replace("''", "'")
    assert fnmatchcase(f"{scheme}://{bucket}/{key}", pattern)
    assert re.sub(r"\[([*?[])\]", r"\1", pattern) == f"{scheme}://{bucket}/{key}"


def test_path_objects_are_read_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKSPACE_BUCKET_NAME", "malaria-team")
    assert (
        address(PurePosixPath("/home/hexa/workspace/a b.csv"))
        == "s3://malaria-team/a b.csv"
    )
    # A Path folds the two slashes of an address into one.
    assert (
        address(PurePosixPath("s3://malaria-team/a.csv")) == "s3://malaria-team/a.csv"
    )


def test_google_workspaces_have_google_addresses(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("WORKSPACE_BUCKET_NAME", "malaria-team")
    monkeypatch.setenv("WORKSPACE_STORAGE_ENGINE", "gcp")
    assert address("workspace/a.csv") == "gs://malaria-team/a.csv"


def test_the_folder_may_be_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKSPACE_BUCKET_NAME", "malaria-team")
    monkeypatch.setenv("WORKSPACE_FILES_PATH", "/srv/files")
    assert address("/srv/files/data/../a.csv") == "s3://malaria-team/a.csv"
    assert address("/srv/files") == "s3://malaria-team/"


def test_folders_keep_their_slash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKSPACE_BUCKET_NAME", "malaria-team")
    assert address("s3:malaria-team") == "s3://malaria-team/"
    assert address("s3:malaria-team/data/") == "s3://malaria-team/data/"
    assert address("/home/hexa/workspace/data/") == "s3://malaria-team/data/"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "data.csv",
        "s3:",
        "s3://",
        "s3://x",
        "s3:///",
        "ftp://bucket/key",
        "https://example.org/a.csv",
        "/etc/passwd",
        "/home/hexa/workspace/../.ssh/id_rsa",
        "/home/hexa/workspaces/a.csv",
    ],
)
def test_what_is_no_address_is_refused(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKSPACE_BUCKET_NAME", "malaria-team")
    with pytest.raises(NotAnAddress):
        address(text)


def test_a_posix_path_without_a_bucket_says_what_is_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("WORKSPACE_BUCKET_NAME", raising=False)
    with pytest.raises(NotAnAddress, match="WORKSPACE_BUCKET_NAME"):
        address("/home/hexa/workspace/a.csv")


def test_drives_are_named_as_in_the_explorer() -> None:
    assert Address.of("s3://malaria-team/a").drive == "s3:malaria-team"
    assert Address.of("gs://malaria-team/a").drive == "gcs:malaria-team"


@pytest.mark.parametrize(
    ("name", "reader"),
    [
        ("a.csv", "pd.read_csv"),
        ("a.csv.gz", "pd.read_csv"),
        ("A.PARQUET", "pd.read_parquet"),
        ("a.xlsx", "pd.read_excel"),
        ("a.json", "pd.read_json"),
        ("a.geojson", "fsspec.open"),
        ("README", "fsspec.open"),
    ],
)
def test_the_reader_follows_the_extension(name: str, reader: str) -> None:
    assert (
        f"{reader}({json.dumps(f's3://malaria-team/{name}')}"
        in Address.of(f"s3:malaria-team/{name}").pandas_line
    )
