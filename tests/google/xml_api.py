"""The XML API: objects by their address, and uploads in parts."""

import base64
import hashlib
import secrets
from datetime import datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

from tests.google.door import Answer, Parts, Request
from tests.google.json_api import media, require_writing
from tests.google.shelves import Failed, paged

_NAMESPACE = "xmlns='http://s3.amazonaws.com/doc/2006-03-01/'"
_SMALLEST_PART = 5 * 2**20


def answer(request: Request) -> Answer:
    bucket, _, name = request.path.lstrip("/").partition("/")
    bucket, name = unquote(bucket), unquote(name)
    request.google.shelves.bucket(bucket)
    if not name:
        return _list(request, bucket)
    if {"uploads", "uploadId"} & request.asked.keys():
        return _parts(request, bucket, name)
    verbs = {"GET": _get, "HEAD": _get, "PUT": _put, "DELETE": _delete}
    return verbs[request.method](request, bucket, name)


def refused(failed: Failed) -> Answer:
    told = f"<Error><Code>{failed.code}</Code><Message>{escape(failed.message)}</Message></Error>"
    return _xml(told, failed.status)


def _xml(told: str, status: int = 200) -> Answer:
    body = f'<?xml version="1.0" encoding="UTF-8"?>{told}'.encode()
    return Answer(status, body, {"Content-Type": "application/xml"})


def _list(request: Request, bucket: str) -> Answer:
    asked = request.asked
    prefix = asked.get("prefix", "")
    request.require("storage.objects.list", bucket, listed=prefix)
    found = request.google.shelves.listed(bucket, prefix)
    items, prefixes, following = paged(
        found,
        prefix,
        asked.get("delimiter", ""),
        asked.get("continuation-token", ""),
        int(asked.get("max-keys", 1000)),
    )
    contents = "".join(
        f"<Contents><Key>{escape(one['name'])}</Key>"
        f"<Generation>{one['generation']}</Generation>"
        f"<LastModified>{one['updated']}</LastModified>"
        f"<ETag>{escape(etag_of(one))}</ETag><Size>{one['size']}</Size></Contents>"
        for one in items
    )
    common = "".join(
        f"<CommonPrefixes><Prefix>{escape(one)}</Prefix></CommonPrefixes>"
        for one in prefixes
    )
    token = f"<NextContinuationToken>{following}</NextContinuationToken>"
    return _xml(
        f"<ListBucketResult><Name>{bucket}</Name><Prefix>{escape(prefix)}</Prefix>"
        f"{contents}{common}{token if following else ''}"
        f"<IsTruncated>{'true' if following else 'false'}</IsTruncated></ListBucketResult>"
    )


def etag_of(one: Any) -> str:
    """The MD5 of the bytes, or a name where Google knows none."""
    if md5 := one.get("md5Hash"):
        return f'"{base64.b64decode(md5).hex()}"'
    return f'"{one["generation"]}"'


def _facts(one: Any) -> dict[str, str]:
    modified = datetime.fromisoformat(one["updated"])
    return {
        "ETag": etag_of(one),
        "X-Goog-Generation": one["generation"],
        "Last-Modified": format_datetime(modified, usegmt=True),
    }


def _get(request: Request, bucket: str, name: str) -> Answer:
    asked = request.asked
    request.require("storage.objects.get", bucket, name)
    shelves = request.google.shelves
    found = shelves.find(bucket, name, asked.get("generation", ""))
    _check(request, bucket, name)
    told = media(request, bucket, found)
    headers = {**told.headers, **_facts(found)}
    headers["Content-Type"] = found.get("contentType", "application/octet-stream")
    if shown := asked.get("response-content-disposition"):
        headers["Content-Disposition"] = shown
    return Answer(
        told.status,
        told.body,
        {**headers, "Content-Length": str(len(told.body))},
    )


def _check(request: Request, bucket: str, name: str) -> None:
    headers, shelves = request.headers, request.google.shelves
    if wanted := headers.get("x-goog-if-generation-match"):
        shelves.check(bucket, name, {"ifGenerationMatch": wanted})
    if wanted := headers.get("if-match"):
        there = shelves.live(bucket, name)
        if there is None or etag_of(there) != wanted:
            raise Failed(412, "A condition does not hold.", "PreconditionFailed")


def _put(request: Request, bucket: str, name: str) -> Answer:
    shelves = request.google.shelves
    require_writing(request, bucket, name)
    _check(request, bucket, name)
    if source := request.headers.get("x-goog-copy-source"):
        there, _, original = unquote(source).lstrip("/").partition("/")
        request.require("storage.objects.get", there, original)
        shelves.find(there, original)
        generation = request.headers.get("x-goog-copy-source-generation", "")
        made = shelves.rewrite((there, original), generation, (bucket, name))[
            "resource"
        ]
        told = _xml(
            f"<CopyObjectResult><ETag>{escape(etag_of(made))}</ETag></CopyObjectResult>"
        )
        return Answer(200, told.body, {**told.headers, **_facts(made)})
    _check_content(request)
    kind = request.headers.get("content-type", "")
    return Answer(200, b"", _facts(shelves.put(bucket, name, request.body, kind)))


def _check_content(request: Request) -> None:
    wanted = request.headers.get("content-md5")
    digest = hashlib.md5(request.body, usedforsecurity=False).digest()
    if wanted and wanted != base64.b64encode(digest).decode():
        raise Failed(400, "The Content-MD5 you specified did not match.", "BadDigest")


def _delete(request: Request, bucket: str, name: str) -> Answer:
    request.require("storage.objects.delete", bucket, name)
    _check(request, bucket, name)
    request.google.shelves.delete(bucket, name, request.asked.get("generation", ""))
    return Answer(204)


# --- In parts


def _parts(request: Request, bucket: str, name: str) -> Answer:
    google, asked = request.google, request.asked
    if "uploads" in asked:
        request.require("storage.multipartUploads.create", bucket, name)
        request.require("storage.objects.create", bucket, name)
        upload = secrets.token_hex(16)
        kind = request.headers.get("content-type", "")
        google.uploads[upload] = Parts(bucket, name, kind)
        return _xml(
            f"<InitiateMultipartUploadResult {_NAMESPACE}><Bucket>{bucket}</Bucket>"
            f"<Key>{escape(name)}</Key><UploadId>{upload}</UploadId>"
            "</InitiateMultipartUploadResult>"
        )
    going = google.uploads.get(asked["uploadId"])
    if going is None or (going.bucket, going.name) != (bucket, name):
        raise Failed(404, "The requested upload was not found.", "NoSuchUpload")
    if request.method == "PUT":
        return _take(request, going)
    if request.method == "GET":
        request.require("storage.multipartUploads.listParts", bucket, name)
        return _stored(going)
    if request.method == "DELETE":
        request.require("storage.multipartUploads.abort", bucket, name)
        del google.uploads[asked["uploadId"]]
        return Answer(204)
    return _complete(request, going)


def _take(request: Request, going: Parts) -> Answer:
    request.require("storage.multipartUploads.create", going.bucket, going.name)
    _check_content(request)
    going.stored[int(request.asked["partNumber"])] = request.body
    digest = hashlib.md5(request.body, usedforsecurity=False).digest()
    named = {"X-Goog-Hash": f"md5={base64.b64encode(digest).decode()}"}
    return Answer(200, b"", {"ETag": f'"{digest.hex()}"', **named})


def _stored(going: Parts) -> Answer:
    parts = "".join(
        f"<Part><PartNumber>{number}</PartNumber><ETag>&quot;{_md5(content)}&quot;</ETag>"
        f"<Size>{len(content)}</Size></Part>"
        for number, content in sorted(going.stored.items())
    )
    return _xml(
        f"<ListPartsResult {_NAMESPACE}>"
        f"{parts}<IsTruncated>false</IsTruncated></ListPartsResult>"
    )


def _complete(request: Request, going: Parts) -> Answer:
    require_writing(request, going.bucket, going.name)
    _check(request, going.bucket, going.name)
    wanted = [
        (
            int(part.findtext("{*}PartNumber", "0")),
            part.findtext("{*}ETag", "").strip('"'),
        )
        for part in ET.fromstring(request.body).iterfind("{*}Part")  # noqa: S314 # a test's own
    ]
    pieces = [going.stored.get(number, b"") for number, _ in wanted]
    has_all = [_md5(piece) for piece in pieces] == [etag for _, etag in wanted]
    is_big = all(len(piece) >= _SMALLEST_PART for piece in pieces[:-1])
    if not wanted or not has_all or not is_big:
        raise Failed(
            400, "One or more of the specified parts could not be found.", "InvalidPart"
        )
    shelves = request.google.shelves
    made = shelves.put(going.bucket, going.name, b"".join(pieces), going.kind)
    del request.google.uploads[request.asked["uploadId"]]
    return _xml(
        f"<CompleteMultipartUploadResult {_NAMESPACE}><Bucket>{going.bucket}</Bucket>"
        f"<Key>{escape(going.name)}</Key><ETag>{escape(etag_of(made))}</ETag>"
        "</CompleteMultipartUploadResult>"
    )


def _md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()
