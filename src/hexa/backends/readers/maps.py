"""A layer of features as GeoJSON in degrees, simplified to what a small map shows."""

import json
import tempfile
from pathlib import Path
from typing import Any

import duckdb

from hexa.backends.readers import fetching
from hexa.backends.readers.errors import Unreadable
from hexa.backends.readers.extensions import extension

_MOST_FEATURES = 5000
_MOST_BYTES = 6 * 2**20
_MOST_PROPERTIES = 20
_LONGEST_VALUE = 200
_DEGREES = "EPSG:4326"


def features(
    connection: duckdb.DuckDBPyConnection, told: dict[str, Any]
) -> dict[str, Any]:
    """`{layers, layer, total, features, is_cut}` of a GeoPackage or GeoJSON."""
    connection.load_extension(extension("spatial"))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"layer.{told['ending']}"
        fetching.kept(told["url"], path, most_bytes=told["most_bytes"])
        return _layer(connection, path, told.get("layer", ""))


def _layer(
    connection: duckdb.DuckDBPyConnection, path: Path, wanted: str
) -> dict[str, Any]:
    described = connection.execute(
        "SELECT unnest(layers) FROM ST_Read_Meta(?)", [str(path)]
    ).fetchall()
    layers = {row[0]["name"]: row[0] for row in described if row[0]["geometry_fields"]}
    if not layers:
        raise Unreadable
    name = wanted if wanted in layers else next(iter(layers))
    geometry = layers[name]["geometry_fields"][0]
    shape = _quoted(geometry["name"] or "geom")
    place = _in_degrees(shape, geometry.get("crs") or {})
    found = connection.execute(
        f"SELECT ST_AsGeoJSON({place}), * EXCLUDE ({shape}) "
        "FROM ST_Read(?, layer = ?) LIMIT ?",
        [str(path), name, _MOST_FEATURES + 1],
    )
    fields = [column[0] for column in found.description or []][1:]
    rows = found.fetchmany(_MOST_FEATURES + 1)
    made, size = [], 0
    for shape_text, *values in rows[:_MOST_FEATURES]:
        size += len(shape_text or "")
        if size > _MOST_BYTES:
            break
        if shape_text:
            made.append(_feature(shape_text, fields, values))
    return {
        "layers": list(layers),
        "layer": name,
        "total": layers[name].get("feature_count"),
        "features": made,
        "is_cut": len(made) < len(rows),
    }


def _in_degrees(shape: str, crs: dict[str, Any]) -> str:
    authority, code = crs.get("auth_name"), crs.get("auth_code")
    if (
        not authority
        or not code
        or (authority, code) in {("EPSG", "4326"), ("OGC", "CRS84")}
    ):
        return shape
    known = f"{authority}:{code}".replace("'", "")
    return f"ST_Transform({shape}, '{known}', '{_DEGREES}', always_xy := true)"


def _feature(shape: str, fields: list[str], values: list[Any]) -> dict[str, Any]:
    pairs = list(zip(fields, values, strict=True))[:_MOST_PROPERTIES]
    told = {
        name: None if value is None else str(value)[:_LONGEST_VALUE]
        for name, value in pairs
    }
    return {"type": "Feature", "properties": told, "geometry": json.loads(shape)}


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
