"""DuckDB reads and writes drives by address, with nothing typed.

DuckDB's own S3 client wants keys once and keeps them; those of a session renew. Hence every
connection gets the filesystems of fsspec, which ask for new ones. Python starts this by
`hexakit.pth`, in sessions and runs only; DuckDB is changed when it is imported.
"""

import sys
from collections.abc import Sequence
from functools import wraps
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import find_spec
from types import ModuleType
from typing import Any

_SCHEMES = {"s3": "s3", "gs": "gcs"}
# What DuckDB and fsspec look at when a filesystem is registered.
_ASKED_AT_ONCE = {"protocol", "async_impl"}


class _Watcher(MetaPathFinder):
    """Stands first in line until DuckDB is looked for, then never again."""

    def find_spec(
        self,
        name: str,
        path: Sequence[str] | None,
        target: ModuleType | None = None,  # noqa: ARG002
    ) -> ModuleSpec | None:
        if name != "duckdb":
            return None
        sys.meta_path.remove(self)
        spec = PathFinder.find_spec(name, path)
        if spec is not None and spec.loader is not None:
            spec.loader.exec_module = _then_extend(spec.loader)  # type: ignore[method-assign]
        return spec


def _then_extend(loader: Loader) -> Any:
    execute = loader.exec_module

    def executed(module: ModuleType) -> None:
        execute(module)
        _extend(module)

    return executed


def _extend(duckdb: Any) -> None:
    connect, register = duckdb.connect, duckdb.register_filesystem

    @wraps(connect)
    def connect_reaching(*args: Any, **options: Any) -> Any:
        connection = connect(*args, **options)
        _reach(connection)
        return connection

    @wraps(register)
    def register_again(filesystem: Any, **options: Any) -> None:
        """Whoever brings their own has it, and lines pasted twice do no harm."""
        names = filesystem.protocol
        for name in [names] if isinstance(names, str) else names:
            if name in duckdb.list_filesystems():
                duckdb.unregister_filesystem(name)
        register(filesystem, **options)

    duckdb.connect, duckdb.register_filesystem = connect_reaching, register_again
    _reach(duckdb.default_connection())


def _reach(connection: Any) -> None:
    # Imported here: it costs what only people who use DuckDB should pay.
    from fsspec import AbstractFileSystem  # noqa: PLC0415

    known = connection.list_filesystems()
    for scheme in _SCHEMES.keys() - set(known):
        connection.register_filesystem(_later(scheme, AbstractFileSystem))


def _later(scheme: str, base: Any) -> Any:
    """A filesystem that loads its client, half a second's work, when it is first used."""

    class Later(base):  # type: ignore[misc]
        cachable = False
        protocol = scheme

        def __init__(self, **_: Any) -> None:
            """What the environment says of the scheme is the client's to read."""

        def __getattribute__(self, name: str) -> Any:
            if name.startswith("__") or name in _ASKED_AT_ONCE:
                return object.__getattribute__(self, name)
            return getattr(_client(_SCHEMES[scheme]), name)

    return Later()


def _client(protocol: str) -> Any:
    from fsspec import filesystem  # noqa: PLC0415

    # A list kept from earlier would hide what came since.
    return filesystem(protocol, use_listings_cache=False)


if find_spec("fsspec") is not None:
    sys.meta_path.insert(0, _Watcher())
