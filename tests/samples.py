"""One file of each kind that a preview knows, as small as such files can be."""

import base64
import json
import math
import struct
import subprocess
import sys
import tempfile
import wave
import zipfile
import zlib
from io import BytesIO
from pathlib import Path
from typing import Any

import pyarrow as pa
from playwright.sync_api import Page
from pyarrow import parquet

DISTRICTS = ["Golfe", "Bé", "Kpalimé", "Tône"]
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 100">'
    '<rect width="200" height="100" fill="teal"/></svg>'
)
# In the page, since only browsers have what makes one.
FILM = """async () => {
  const canvas = Object.assign(document.createElement("canvas"), {width: 64, height: 48});
  const brush = canvas.getContext("2d");
  const recorder = new MediaRecorder(canvas.captureStream(20), {mimeType: "video/webm"});
  const pieces = [];
  recorder.ondataavailable = (event) => pieces.push(event.data);
  const over = new Promise((resolve) => { recorder.onstop = resolve; });
  recorder.start();
  for (let at = 0; at < 12; at++) {
    brush.fillStyle = `hsl(${at * 30} 80% 50%)`;
    brush.fillRect(0, 0, 64, 48);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  recorder.stop();
  await over;
  const bytes = new Uint8Array(await new Blob(pieces).arrayBuffer());
  return btoa(String.fromCharCode(...bytes));
}"""

_GEOPACKAGE = """
import sys, duckdb
from hexa.backends.readers.extensions import extension
connection = duckdb.connect()
connection.load_extension(extension("spatial"))
connection.execute(f'''COPY (
    SELECT 'Golfe' AS district, ST_Point(1.22, 6.13) AS place
    UNION ALL SELECT 'Tône', ST_Point(0.2, 10.86)
) TO '{sys.argv[1]}' WITH (FORMAT GDAL, DRIVER 'GPKG', SRS 'EPSG:4326')''')
"""


def samples(blank: Page) -> dict[str, bytes]:
    """By name. `blank` is a page that forbids nothing."""
    notes = "# Relevés\n\nUn *texte* avec une [source](https://example.org).\n\n| a | b |\n|---|---|\n| 1 | 2 |\n"
    cells = [
        {"cell_type": "markdown", "source": "# Carnet"},
        {"cell_type": "code", "source": "1 + 1", "execution_count": 1, "outputs": [
            {"output_type": "execute_result", "data": {"text/plain": "2"}}]},
    ]  # fmt: skip
    deep = json.loads('{"in":' * 60 + "[1, 2]" + "}" * 60)
    return {
        "notes.txt": "Relevé de Bè, été 2026\n".encode() * 40,
        "notes.md": notes.encode(),
        "facts.json": json.dumps({"ville": "Lomé", "cas": [1, 2]}).encode(),
        "deep.json": json.dumps(deep).encode(),
        "lines.jsonl": "".join(
            json.dumps({"district": name, "cas": at}) + "\n"
            for at, name in enumerate(DISTRICTS)
        ).encode(),
        "points.csv": b"district,cases\nGolfe,12\nTone,7\n",
        "virgules.csv": "district;taux\nBé;0,31\nKpalimé;0,28\n".encode("cp1252"),
        "tabs.tsv": b"district\tcases\nGolfe\t12\n",
        "cases.parquet": _parquet(),
        "book.xlsx": workbook(
            {"Cas": [["district", "cas"], ["Bé", 7]], "Décès": [["taux"], [0.5]]}
        ),
        "dot.png": _picture(),
        "drawing.svg": SVG.encode(),
        "report.pdf": document(),
        "places.geojson": json.dumps(_places()).encode(),
        "places.gpkg": _geopackage(),
        "work.ipynb": json.dumps({"cells": cells}).encode(),
        "tone.wav": _tone(),
        "film.webm": base64.b64decode(blank.evaluate(FILM)),
        "unknown.bin": bytes(range(256)),
        "empty.csv": b"",
    }


def workbook(sheets: dict[str, list[list[Any]]]) -> bytes:
    """As small as a workbook can be: texts in place, no styles."""
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as book:
        package = "http://schemas.openxmlformats.org/package/2006/relationships"
        book.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{package}"><Relationship Id="r" Type="{relation}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        )
        names = "".join(
            f'<sheet name="{name}" sheetId="{at}" r:id="r{at}"/>'
            for at, name in enumerate(sheets, 1)
        )
        book.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{main}" xmlns:r="{relation}"><sheets>{names}</sheets></workbook>',
        )
        targets = "".join(
            f'<Relationship Id="r{at}" Type="{relation}/worksheet" Target="worksheets/s{at}.xml"/>'
            for at in range(1, len(sheets) + 1)
        )
        book.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{package}">{targets}</Relationships>',
        )
        for at, content in enumerate(sheets.values(), 1):
            body = "".join(f"<row>{''.join(map(_cell, row))}</row>" for row in content)
            book.writestr(
                f"xl/worksheets/s{at}.xml",
                f'<worksheet xmlns="{main}"><sheetData>{body}</sheetData></worksheet>',
            )
    return packed.getvalue()


def _cell(value: object) -> str:
    if isinstance(value, str):
        return f'<c t="inlineStr"><is><t>{value}</t></is></c>'
    return f"<c><v>{value}</v></c>"


def document(*, opening: bytes = b"") -> bytes:
    """A PDF of one page. `opening`: what its reader is asked to do first."""
    text = b"BT /F1 32 Tf 60 700 Td (Rapport) Tj ET"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R %s >>" % opening,
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        (
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
            b" /Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>"
        ),
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(text), text),
    ]
    made, places = b"%PDF-1.4\n", []
    for number, one in enumerate(objects, 1):
        places.append(len(made))
        made += b"%d 0 obj\n%s\nendobj\n" % (number, one)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return made + (
        b"xref\n0 5\n0000000000 65535 f \n%strailer\n<< /Size 5 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF"
        % (table, len(made))
    )


def picture(width: int, height: int, rows: bytes) -> bytes:
    """A PNG in greys that says it is so large; `rows`: of its pixels, as they are."""
    size = struct.pack(">II", width, height) + b"\x08\x00\x00\x00\x00"
    chunks = [(b"IHDR", size), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data))
        + kind
        + data
        + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


def _picture() -> bytes:
    return picture(
        160, 90, b"".join(b"\0" + bytes(range(row, row + 160)) for row in range(90))
    )


def _parquet() -> bytes:
    written = BytesIO()
    table = pa.table({"district": DISTRICTS, "cases": [12, 7, None, 3]})
    parquet.write_table(table, written)
    return written.getvalue()


def _places() -> dict[str, object]:
    spots = [(1.22, 6.13), (1.25, 6.15), (0.63, 6.9), (0.2, 10.86)]
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {"district": name},
                "geometry": {"type": "Point", "coordinates": spot},
            }
            for name, spot in zip(DISTRICTS, spots, strict=True)
        ],
    }


def _geopackage() -> bytes:
    """By the library of our readers, in a process that ends with all it loads."""
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder, "places.gpkg")
        subprocess.run([sys.executable, "-c", _GEOPACKAGE, str(made)], check=True)
        return made.read_bytes()


def _tone() -> bytes:
    written = BytesIO()
    with wave.open(written, "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        for at in range(8000):
            sound.writeframesraw(
                struct.pack("<h", int(9000 * math.sin(at * 2 * math.pi * 440 / 8000)))
            )
    return written.getvalue()
