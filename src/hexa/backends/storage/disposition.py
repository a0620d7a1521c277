"""Under which name a browser saves what it downloads."""

from urllib.parse import quote


def attachment(name: str) -> str:
    """A Content-Disposition that every browser reads, for any name (RFC 6266)."""
    plain = "".join(
        sign if sign.isascii() and sign.isprintable() and sign not in '"\\%' else "_"
        for sign in name
    )
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
