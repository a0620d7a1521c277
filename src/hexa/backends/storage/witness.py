"""A bucket that must be there, so that a store that forgot everything is noticed.

Left alone, the store starts on a folder whose names are lost or unreadable as if it were
new: every workspace would look empty, and people would begin to fill it again.

Signed here by hand: the supervisor, which asks, lives as long as the platform, and a
client library would weigh more than all the rest of it.
"""

import hashlib
import hmac
import http.client
from datetime import UTC, datetime
from pathlib import Path

from hexa.backends.storage.errors import StoreOutage
from hexa.backends.storage.seaweedfs import Key

BUCKET = "hexa-witness"
_NOTHING = hashlib.sha256(b"").hexdigest()
_PATIENCE_S = 10


def is_whole(folder: Path, *, port: int, region: str, key: Key) -> bool:
    """False when the store has lost what it knew at an earlier start.

    Raises StoreOutage.
    """
    note = folder / "witnessed"
    status = _asked("HEAD", port=port, region=region, key=key)
    if status == http.HTTPStatus.NOT_FOUND and not note.exists():
        status = _asked("PUT", port=port, region=region, key=key)
    if status == http.HTTPStatus.OK:
        note.touch(exist_ok=True)
    elif status != http.HTTPStatus.NOT_FOUND:
        raise StoreOutage
    return status == http.HTTPStatus.OK


def _asked(method: str, *, port: int, region: str, key: Key) -> int:
    """The status of a request for the bucket, by AWS signature 4."""
    moment = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    headers = {
        "host": f"127.0.0.1:{port}",
        "x-amz-content-sha256": _NOTHING,
        "x-amz-date": moment,
    }
    names = ";".join(headers)
    lines = "".join(f"{name}:{value}\n" for name, value in headers.items())
    canonical = f"{method}\n/{BUCKET}\n\n{lines}\n{names}\n{_NOTHING}"
    scope = f"{moment[:8]}/{region}/s3/aws4_request"
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    secret = f"AWS4{key.secret}".encode()
    for part in (*scope.split("/"), f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{digest}"):
        secret = hmac.digest(secret, part.encode(), "sha256")
    headers["authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={key.id}/{scope},"
        f" SignedHeaders={names}, Signature={secret.hex()}"
    )
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_PATIENCE_S)
    try:
        connection.request(method, f"/{BUCKET}", headers=headers)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        raise StoreOutage from error
    finally:
        connection.close()
