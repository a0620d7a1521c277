"""Parquet to CSV and back, for R: `python -m hexakit.parquet to-csv IN OUT`.

Needs pyarrow, which the default environment has; hexakit itself depends on nothing.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from pyarrow import csv, parquet


def to_csv(source: Path, target: Path) -> None:
    """Batch by batch: a file larger than memory passes. Missing values are empty."""
    table = parquet.ParquetFile(source)
    with csv.CSVWriter(target, table.schema_arrow) as writer:
        for batch in table.iter_batches():
            writer.write_batch(batch)


def from_csv(source: Path, target: Path) -> None:
    """Types are those Arrow infers; an empty unquoted cell and NA are missing."""
    table = csv.read_csv(
        source,
        convert_options=csv.ConvertOptions(
            null_values=["", "NA"],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        ),
    )
    parquet.write_table(table, target)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="hexakit.parquet", description=__doc__)
    parser.add_argument("verb", choices=["to-csv", "from-csv"])
    parser.add_argument("source", type=Path)
    parser.add_argument("target", type=Path)
    chosen = parser.parse_args(arguments)
    convert = to_csv if chosen.verb == "to-csv" else from_csv
    convert(chosen.source, chosen.target)
    return 0


if __name__ == "__main__":
    sys.exit(main())
