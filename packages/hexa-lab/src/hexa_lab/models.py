"""Models of the Contents API: what JupyterLab is told about a file."""

from __future__ import annotations

import datetime as dt
import mimetypes
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # obstore has these for type checkers only
    from obstore import ObjectMeta


# As the Contents API has it: a JSON object. Its keys are listed in `entry`.
Model = dict[str, Any]


def entry(
    path: str,
    kind: str,
    *,
    is_writable: bool,
    modified: dt.datetime | str,
    size: int | None = None,
) -> Model:
    """A model without content. `kind` is `file`, `notebook` or `directory`."""
    name = path.rpartition("/")[2]
    return {
        "name": name,
        "path": path,
        "type": kind,
        "writable": is_writable,
        "created": modified,
        "last_modified": modified,
        "size": size,
        "mimetype": _mimetype(name) if kind == "file" else None,
        "content": None,
        "format": None,
        "hash": None,
        "hash_algorithm": None,
    }


def _mimetype(name: str) -> str | None:
    dot = name.find(".", 1)
    return None if dot < 0 else _mimetype_of(name[dot:])


@lru_cache(maxsize=1000)
def _mimetype_of(endings: str) -> str | None:
    """Kept, since the files of a folder of thousands have few different ones."""
    return mimetypes.guess_type(f"x{endings}")[0]


def file_model(
    path: str, meta: ObjectMeta, *, is_writable: bool, kind: str | None = None
) -> Model:
    """Of an object, with its ETag for a hash: Lab asks for one on every open."""
    model = entry(
        path,
        kind or kind_of(path),
        is_writable=is_writable,
        modified=meta["last_modified"],
        size=meta["size"],
    )
    model["hash"] = (meta["e_tag"] or "").strip('"')
    model["hash_algorithm"] = "etag"
    return model


def kind_of(path: str) -> str:
    return "notebook" if path.endswith(".ipynb") else "file"


def stamp(moment: dt.datetime) -> str:
    """As the Contents API writes a time; quicker than leaving it to its encoder."""
    return moment.isoformat().replace("+00:00", "Z")
