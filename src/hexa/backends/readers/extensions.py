import importlib.util
from pathlib import Path


def extension(name: str) -> str:
    """Path of an extension that a package of its own carries."""
    found = importlib.util.find_spec(f"duckdb_extension_{name}")
    assert found, f"duckdb-extension-{name} is missing"
    assert found.submodule_search_locations
    folder = Path(next(iter(found.submodule_search_locations)))
    return str(next(folder.glob(f"extensions/*/{name}.duckdb_extension")))
