"""Streams of any length, and uploads whose parts come from a browser.

A browser's parts go by Google's XML API, where a part is no object: nothing of an
upload that was left is ever listed, versioned or billed as one. What passes through
the platform goes by a resumable upload, which takes one part after the other.
"""

from collections.abc import Mapping, Sequence
from typing import IO, Any
from urllib.parse import quote
from xml.etree import ElementTree as ET

from hexa.backends.storage import errors
from hexa.backends.storage.google.calls import Calls, generation_of, said_of_the_target
from hexa.backends.storage.reading import exactly
from hexa.backends.storage.store import ANYTHING, Copied, Part, StoredPart

# A multiple of 256 KiB, as Google demands.
_CHUNK = 8 * 2**20
_PLAIN = "application/octet-stream"


class Uploads(Calls):
    def put(
        self, bucket: str, key: str, content: bytes, *, content_type: str = ""
    ) -> None:
        self._put(bucket, key, content, content_type, ANYTHING)

    def make_folder(self, bucket: str, prefix: str) -> None:
        self.put(bucket, prefix, b"")

    def put_stream(
        self,
        bucket: str,
        key: str,
        content: IO[bytes],
        *,
        content_type: str = "",
        replacing: str | None = ANYTHING,
    ) -> Copied:
        chunk, following = exactly(content, _CHUNK), exactly(content, _CHUNK)
        if not following:
            return self._put(bucket, key, chunk, content_type, replacing)
        session = self._begin(bucket, key, content_type, replacing)
        start = 0
        while following:
            self._pass(session, chunk, f"bytes {start}-{start + len(chunk) - 1}/*")
            start += len(chunk)
            chunk, following = following, exactly(content, _CHUNK)
        end = start + len(chunk)
        with said_of_the_target(replacing):
            last = self._pass(session, chunk, f"bytes {start}-{end - 1}/{end}")
        return _made(last.json())

    def _put(
        self,
        bucket: str,
        key: str,
        content: bytes,
        content_type: str,
        replacing: str | None,
    ) -> Copied:
        with said_of_the_target(replacing):
            answer = self._send(
                "POST",
                self._upload_url(bucket),
                absent=errors.BucketNotFound,
                is_repeatable=replacing == ANYTHING,
                params={
                    "uploadType": "media",
                    "name": key,
                    "ifGenerationMatch": generation_for(replacing),
                },
                headers={"Content-Type": content_type or _PLAIN},
                content=content,
            )
        return _made(answer.json())

    def _begin(
        self, bucket: str, key: str, content_type: str, replacing: str | None
    ) -> str:
        """The address of a resumable upload."""
        with said_of_the_target(replacing):
            answer = self._send(
                "POST",
                self._upload_url(bucket),
                absent=errors.BucketNotFound,
                params={
                    "uploadType": "resumable",
                    "name": key,
                    "ifGenerationMatch": generation_for(replacing),
                },
                headers={"X-Upload-Content-Type": content_type or _PLAIN},
                json={},
            )
        return answer.headers["Location"]

    def _pass(self, session: str, chunk: bytes, span: str) -> Any:
        """Repeated where the line broke: Google knows what it has by the range."""
        headers = {"Content-Range": span}
        return self._send("PUT", session, headers=headers, content=chunk)

    def _upload_url(self, bucket: str) -> str:
        return (
            f"{self.places.storage_url}/upload/storage/v1/b/{quote(bucket, safe='')}/o"
        )

    # --- In parts

    def start_upload(self, bucket: str, key: str, *, content_type: str = "") -> str:
        answer = self._parts(
            "POST",
            bucket,
            key,
            {"uploads": ""},
            absent=errors.BucketNotFound,
            headers={"Content-Type": content_type or _PLAIN},
        )
        found = _xml(answer).findtext("{*}UploadId")
        if not found:
            raise errors.StoreOutage
        return found

    def stored_parts(self, bucket: str, key: str, upload: str) -> list[StoredPart]:
        found: list[StoredPart] = []
        marker: str | None = "0"
        while marker:
            asked = {"uploadId": upload, "part-number-marker": marker}
            page = _xml(self._parts("GET", bucket, key, asked))
            found += [
                StoredPart(
                    number=int(part.findtext("{*}PartNumber", "0")),
                    etag=part.findtext("{*}ETag", "").strip('"'),
                    size_bytes=int(part.findtext("{*}Size", "0")),
                )
                for part in page.iterfind("{*}Part")
            ]
            is_more = page.findtext("{*}IsTruncated") == "true"
            marker = page.findtext("{*}NextPartNumberMarker") if is_more else None
        return found

    def complete_upload(
        self,
        bucket: str,
        key: str,
        upload: str,
        parts: Sequence[Part],
        *,
        replacing: str | None = ANYTHING,
    ) -> Copied:
        body = ET.Element("CompleteMultipartUpload")
        for part in parts:
            one = ET.SubElement(body, "Part")
            ET.SubElement(one, "PartNumber").text = str(part.number)
            ET.SubElement(one, "ETag").text = '"{}"'.format(part.etag.strip('"'))
        # Looked at as well: Google does not promise that this request heeds conditions.
        self._check_target(bucket, key, replacing)
        try:
            with said_of_the_target(replacing):
                self._parts(
                    "POST",
                    bucket,
                    key,
                    {"uploadId": upload},
                    headers=self.condition(replacing),
                    content=ET.tostring(body),
                )
        except errors.InvalidForStore as error:
            raise errors.UploadIncomplete from error
        return _made(self._facts(bucket, key))

    def abort_upload(self, bucket: str, key: str, upload: str) -> None:
        self._parts("DELETE", bucket, key, {"uploadId": upload})

    def condition(self, replacing: str | None) -> dict[str, str]:
        wanted = generation_for(replacing)
        return {} if wanted is None else {"x-goog-if-generation-match": str(wanted)}

    def _check_target(self, bucket: str, key: str, replacing: str | None) -> None:
        wanted = generation_for(replacing)
        if wanted is None:
            return
        try:
            found = int(self._facts(bucket, key)["generation"])
        except errors.ObjectNotFound:
            found = 0
        if found != wanted:
            raise errors.ObjectChanged if wanted else errors.ObjectExists

    def _parts(
        self,
        method: str,
        bucket: str,
        key: str,
        asked: Mapping[str, str],
        **request: Any,
    ) -> Any:
        query = "&".join(f"{name}={quote(asked[name], safe='')}" for name in asked)
        url = f"{self.places.storage_url}/{bucket}/{quote(key, safe='/~')}?{query}"
        request.setdefault("absent", errors.UploadNotFound)
        # Beginning twice costs nothing; ending twice would fail where it succeeded.
        is_repeatable = method == "GET" or "uploads" in asked
        return self._send(method, url, is_repeatable=is_repeatable, **request)


def generation_for(replacing: str | None) -> int | None:
    """The generation that must be there; 0: none may be; None: whatever is."""
    if replacing is None:
        return 0
    return None if replacing == ANYTHING else generation_of(replacing)


def _made(found: Any) -> Copied:
    return Copied(etag=found["generation"], version=found["generation"])


def _xml(answer: Any) -> ET.Element:
    return ET.fromstring(answer.text)  # noqa: S314 # Google's own answer
