"""Signed URLs (V4), by the account's own key: nothing is asked of Google.

Source: Google, "V4 signing process with your own program".
"""

import datetime as dt
import hashlib
from collections.abc import Mapping
from urllib.parse import quote, urlsplit

from hexa.backends.storage.disposition import attachment
from hexa.backends.storage.google.uploads import Uploads
from hexa.backends.storage.store import ANYTHING

_ALGORITHM = "GOOG4-RSA-SHA256"


class Links(Uploads):
    def link_to_get(
        self,
        bucket: str,
        key: str,
        *,
        lifetime: dt.timedelta,
        save_as: str = "",
        version: str = "",
        is_inside: bool = False,  # noqa: ARG002 # Google answers at one address only
    ) -> str:
        asked = {}
        if save_as:
            asked["response-content-disposition"] = attachment(save_as)
        if version:
            asked["generation"] = version
        return self._sign("GET", bucket, key, asked, lifetime)

    def link_to_put(
        self,
        bucket: str,
        key: str,
        *,
        lifetime: dt.timedelta,
        replacing: str | None = ANYTHING,
        is_inside: bool = False,  # noqa: ARG002
    ) -> str:
        held = self.condition(replacing)
        return self._sign("PUT", bucket, key, {}, lifetime, held)

    def link_to_put_part(
        self,
        bucket: str,
        key: str,
        upload: str,
        number: int,
        *,
        lifetime: dt.timedelta,
        is_inside: bool = False,  # noqa: ARG002
    ) -> str:
        asked = {"partNumber": str(number), "uploadId": upload}
        return self._sign("PUT", bucket, key, asked, lifetime)

    def _sign(
        self,
        method: str,
        bucket: str,
        key: str,
        asked: Mapping[str, str],
        lifetime: dt.timedelta,
        headers: Mapping[str, str] | None = None,
    ) -> str:
        """`headers` must then come with the request, as they are here."""
        base = urlsplit(self.places.storage_url)
        signed = {"host": base.netloc, **(headers or {})}
        names = ";".join(sorted(signed))
        now = dt.datetime.now(dt.UTC)
        scope = f"{now:%Y%m%d}/auto/storage/goog4_request"
        billed = {"userProject": self.user_project} if self.user_project else {}
        query = _query(
            {
                **asked,
                **billed,
                "X-Goog-Algorithm": _ALGORITHM,
                "X-Goog-Credential": f"{self.account.email}/{scope}",
                "X-Goog-Date": f"{now:%Y%m%dT%H%M%SZ}",
                "X-Goog-Expires": str(int(lifetime.total_seconds())),
                "X-Goog-SignedHeaders": names,
            }
        )
        lines = "".join(f"{name}:{signed[name]}\n" for name in sorted(signed))
        path = f"/{bucket}/{quote(key, safe='/~')}"
        request = f"{method}\n{path}\n{query}\n{lines}\n{names}\nUNSIGNED-PAYLOAD"
        digest = hashlib.sha256(request.encode()).hexdigest()
        text = f"{_ALGORITHM}\n{now:%Y%m%dT%H%M%SZ}\n{scope}\n{digest}"
        signature = self.account.signature(text.encode()).hex()
        return (
            f"{base.scheme}://{base.netloc}{path}?{query}&X-Goog-Signature={signature}"
        )


def _query(asked: Mapping[str, str]) -> str:
    return "&".join(
        f"{quote(name, safe='~')}={quote(asked[name], safe='~')}"
        for name in sorted(asked)
    )
