"""Empty folders: S3 knows them only as an empty object whose key ends in "/".

obstore drops that slash from every key, so these two requests are signed here
(AWS Signature Version 4).
"""

import datetime as dt
import hashlib
import hmac
from urllib.parse import quote, urlsplit

import httpx

from hexa_lab.credentials import Credentials, CredentialSource
from hexa_lab.refusals import NotAllowed, StoreDown

_EMPTY = hashlib.sha256(b"").hexdigest()


class Markers:
    """The folder markers of one bucket, or of one folder of it: `bucket/folder/`."""

    def __init__(
        self, place: str, *, endpoint: str, region: str, credentials: CredentialSource
    ) -> None:
        self._base = f"{endpoint.rstrip('/')}/{quote(place.rstrip('/'), safe='/~')}"
        self._region = region
        self._credentials = credentials

    async def make(self, folder: str) -> None:
        await self._send("PUT", folder)

    async def delete(self, folder: str) -> None:
        await self._send("DELETE", folder)

    async def _send(self, method: str, folder: str) -> None:
        url = f"{self._base}/{quote(folder.strip('/'), safe='/~')}/"
        headers = signed(
            method,
            url,
            region=self._region,
            credentials=await self._credentials.current(),
            now=dt.datetime.now(dt.UTC),
        )
        try:
            async with httpx.AsyncClient(timeout=10, trust_env=False) as http:
                answer = await http.request(method, url, headers=headers)
        except httpx.HTTPError as error:
            raise StoreDown from error
        if answer.status_code == httpx.codes.FORBIDDEN:
            raise NotAllowed(path=folder)
        if answer.is_error:
            raise StoreDown


def signed(
    method: str,
    url: str,
    *,
    region: str,
    credentials: Credentials,
    now: dt.datetime,
) -> dict[str, str]:
    """Headers of a request without body or query. Source: AWS, "Signature Version 4"."""
    parts = urlsplit(url)
    stamp = now.strftime("%Y%m%dT%H%M%SZ")
    headers = {
        "host": parts.netloc,
        "x-amz-content-sha256": _EMPTY,
        "x-amz-date": stamp,
    }
    if credentials.token:
        headers["x-amz-security-token"] = credentials.token
    names = ";".join(sorted(headers))
    lines = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
    request = f"{method}\n{parts.path}\n\n{lines}\n{names}\n{_EMPTY}"
    scope = f"{stamp[:8]}/{region}/s3/aws4_request"
    digest = hashlib.sha256(request.encode()).hexdigest()
    text = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{digest}"
    key = f"AWS4{credentials.secret}".encode()
    for step in (*scope.split("/"), text):
        key = hmac.new(key, step.encode(), hashlib.sha256).digest()
    headers["authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={credentials.id}/{scope}, "
        f"SignedHeaders={names}, Signature={key.hex()}"
    )
    return headers
