"""Lines of code that read a file by its address and work as pasted."""

import json
from posixpath import splitext

# Compressed text is read by the reader of what it holds.
_COMPRESSIONS = {".gz", ".bz2", ".xz", ".zst"}
_PANDAS = {
    ".csv": "pd.read_csv({})",
    ".tsv": 'pd.read_csv({}, sep="\\t")',
    ".txt": None,
    ".parquet": "pd.read_parquet({})",
    ".pq": "pd.read_parquet({})",
    ".xlsx": "pd.read_excel({})",
    ".xls": "pd.read_excel({})",
    ".json": "pd.read_json({})",
    ".jsonl": "pd.read_json({}, lines=True)",
    ".ndjson": "pd.read_json({}, lines=True)",
}
_R = {
    ".csv": "read_csv({})",
    ".tsv": 'read_csv({}, sep = "\\t")',
    ".parquet": "read_parquet({})",
    ".pq": "read_parquet({})",
}
_DUCKDB = {
    ".csv": "read_csv",
    ".tsv": "read_csv",
    ".parquet": "read_parquet",
    ".pq": "read_parquet",
    ".json": "read_json",
    ".jsonl": "read_json",
    ".ndjson": "read_json",
}


def pandas_line(address: str) -> str:
    """`df` by pandas; `file`, an open file of bytes, where pandas has no reader."""
    reader = _PANDAS.get(_kind(address))
    if reader is None:
        return f'import fsspec\nfile = fsspec.open({_quoted(address)}, "rb").open()'
    return f"import pandas as pd\ndf = {reader.format(_quoted(address))}"


def r_line(address: str) -> str:
    """`df` by the R package; `file`, the path of a local copy, where R has no reader."""
    # R decompresses gzip, bzip2 and xz by itself, but only from a local copy's bytes.
    reader = _R.get(_kind(address))
    if reader is None:
        return f"file <- hexakit::download({_quoted(address)})"
    return f"df <- hexakit::{reader.format(_quoted(address))}"


def duckdb_line(address: str) -> str:
    """`df` by DuckDB, which reaches the drive through fsspec and its credentials."""
    scheme = address.partition(":")[0]
    reader = _DUCKDB.get(_kind(address), "read_blob")
    query = f"FROM {reader}({_sql_quoted(_glob_escaped(address))})"
    return (
        "import duckdb, fsspec\n"
        f'duckdb.register_filesystem(fsspec.filesystem("{scheme}"))\n'
        f"df = duckdb.sql({_quoted(query)}).df()"
    )


def _kind(address: str) -> str:
    stem, extension = splitext(address.lower())
    return splitext(stem)[1] if extension in _COMPRESSIONS else extension


def _quoted(text: str) -> str:
    """A string literal of Python and of R: what JSON escapes, both understand."""
    return json.dumps(text, ensure_ascii=False)


def _sql_quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _glob_escaped(text: str) -> str:
    return "".join(f"[{sign}]" if sign in "*?[" else sign for sign in text)
