"""The JSON API: what fake-gcs-server answers, held to tokens and conditions."""

import json
import re
from typing import Any
from urllib.parse import parse_qs, unquote

from tests.google.door import Answer, Request
from tests.google.shelves import Failed, paged, path_of

_OBJECT = re.compile(r"/(?:download/)?storage/v1/b/([^/]+)/o/([^/]+)")
_BUCKET = re.compile(r"/storage/v1/b/([^/]+)")
_REWRITE = re.compile(
    r"/storage/v1/b/([^/]+)/o/([^/]+)/(?:rewrite|copy)To/b/([^/]+)/o/([^/]+)"
)
_UPLOAD = re.compile(r"/upload/storage/v1/b/([^/]+)/o")
_NAME = re.compile(rb'"name"\s*:\s*("(?:[^"\\]|\\.)*")')
_PASSED_ON = ("content-type", "content-range", "range", "x-upload-content-type")


def answer(request: Request) -> Answer:
    path = request.path
    if path == "/storage/v1/b":
        about = json.loads(request.body)
        request.require("storage.buckets.create", "*")
        return Answer.of(request.google.shelves.create(about))
    if match := _UPLOAD.fullmatch(path):
        return _upload(request, unquote(match[1]))
    if match := _REWRITE.fullmatch(path):
        return _rewrite(request, *(unquote(part) for part in match.groups()))
    if path.endswith("/iam/testPermissions"):
        return _permissions(request, path.split("/")[4])
    if path.endswith("/o") and (match := _BUCKET.match(path)):
        return _list(request, unquote(match[1]))
    if match := _OBJECT.match(path):
        verb = path[match.end() :].strip("/")
        return _object(request, unquote(match[1]), unquote(match[2]), verb)
    if match := _BUCKET.fullmatch(path):
        return _bucket(request, unquote(match[1]))
    raise Failed(404, "Not Found")


def refused(failed: Failed) -> Answer:
    told = {"error": {"code": failed.status, "message": failed.message}}
    return Answer.of(told, failed.status)


def _permissions(request: Request, bucket: str) -> Answer:
    request.google.shelves.bucket(bucket)
    may, _ = request.who()
    wanted = parse_qs(request.raw_query)["permissions"]
    return Answer.of(
        {"permissions": [one for one in wanted if may(one, bucket, "", "")]}
    )


def _bucket(request: Request, name: str) -> Answer:
    shelves = request.google.shelves
    verbs = {"GET": "get", "PATCH": "update", "DELETE": "delete"}
    shelves.bucket(name)
    request.require(f"storage.buckets.{verbs[request.method]}", name)
    if request.method == "DELETE":
        shelves.drop(name)
        return Answer(204)
    there = shelves.bucket(name)
    if request.method == "PATCH":
        there.about.update(json.loads(request.body))
    policy = {"retentionDurationSeconds": "604800"}
    return Answer.of({"softDeletePolicy": policy, **there.about})


def _list(request: Request, bucket: str) -> Answer:
    asked = request.asked
    prefix = asked.get("prefix", "")
    shelves = request.google.shelves
    shelves.bucket(bucket)
    request.require("storage.objects.list", bucket, listed=prefix)
    found = shelves.listed(
        bucket,
        prefix,
        versions=asked.get("versions") == "true",
        soft=asked.get("softDeleted") == "true",
    )
    start, end = asked.get("startOffset", ""), asked.get("endOffset", "")
    found = [
        one for one in found if one["name"] >= start and (not end or one["name"] < end)
    ]
    items, prefixes, following = paged(
        found,
        prefix,
        asked.get("delimiter", ""),
        asked.get("pageToken", ""),
        int(asked.get("maxResults", 1000)),
    )
    told: dict[str, Any] = {"kind": "storage#objects"}
    told |= {"items": items} if items else {}
    told |= {"prefixes": prefixes} if prefixes else {}
    told |= {"nextPageToken": following} if following else {}
    return Answer.of(told)


def _object(request: Request, bucket: str, name: str, verb: str) -> Answer:
    asked, shelves = request.asked, request.google.shelves
    shelves.bucket(bucket)
    generation = asked.get("generation", "")
    if verb == "restore":
        request.require("storage.objects.restore", bucket, name)
        shelves.find(bucket, name, generation, soft=True)
        shelves.check(bucket, name, asked)
        made = shelves.rewrite((bucket, name), generation, (bucket, name))
        return Answer.of(made["resource"])
    if request.method == "DELETE":
        request.require("storage.objects.delete", bucket, name)
        shelves.check(bucket, name, asked)
        shelves.delete(bucket, name, generation)
        return Answer(204)
    if request.method == "GET":
        request.require("storage.objects.get", bucket, name)
        is_soft = asked.get("softDeleted") == "true" and asked.get("alt") != "media"
        found = shelves.find(bucket, name, generation, soft=is_soft)
        shelves.check(bucket, name, asked)
        if asked.get("alt") != "media":
            return Answer.of(found)
        return media(request, bucket, found)
    request.require("storage.objects.update", bucket, name)
    return _passed_on(request)


def media(request: Request, bucket: str, found: Any) -> Answer:
    """The bytes of a generation, or a range of them."""
    sent = {
        name: request.headers[name] for name in ("range",) if name in request.headers
    }
    answer = request.google.shelves.http.get(
        path_of(bucket, found["name"]),
        params={"alt": "media", "generation": found["generation"]},
        headers={**sent, "Accept-Encoding": "identity"},
    )
    kept = ("content-type", "content-range", "accept-ranges", "x-goog-hash")
    headers = {name: answer.headers[name] for name in kept if name in answer.headers}
    headers["X-Goog-Generation"] = found["generation"]
    return Answer(answer.status_code, answer.content, headers)


def _rewrite(request: Request, bucket: str, name: str, to: str, to_name: str) -> Answer:
    asked, shelves = request.asked, request.google.shelves
    generation = asked.get("sourceGeneration", "")
    request.require("storage.objects.get", bucket, name)
    require_writing(request, to, to_name)
    shelves.find(bucket, name, generation)
    shelves.check(to, to_name, asked)
    return Answer.of(shelves.rewrite((bucket, name), generation, (to, to_name)))


def require_writing(request: Request, bucket: str, name: str) -> None:
    shelves = request.google.shelves
    shelves.bucket(bucket)
    request.require("storage.objects.create", bucket, name)
    if shelves.live(bucket, name):
        request.require("storage.objects.delete", bucket, name)


def _upload(request: Request, bucket: str) -> Answer:
    asked, google = request.asked, request.google
    if session := google.sessions.get(asked.get("upload_id", "")):
        google.shelves.check(*session, asked)
        return _passed_on(request)
    name = asked.get("name") or _name_in(request.body)
    require_writing(request, bucket, name)
    google.shelves.check(bucket, name, asked)
    told = _passed_on(request)
    if location := told.headers.get("location"):
        google.sessions[location.rpartition("upload_id=")[2]] = (bucket, name)
    return told


def _name_in(body: bytes) -> str:
    found = _NAME.search(body)
    if not found:
        raise Failed(400, "Required parameter: name")
    return str(json.loads(found[1]))


def _passed_on(request: Request) -> Answer:
    google = request.google
    headers = {
        name: request.headers[name] for name in _PASSED_ON if name in request.headers
    }
    answer = google.shelves.http.request(
        request.method,
        f"{request.path}?{request.raw_query}",
        content=request.body,
        headers=headers,
    )
    kept = ("content-type", "location", "range")
    told = {
        name: answer.headers[name].replace(google.shelves.backend_url, google.url)
        for name in kept
        if name in answer.headers
    }
    return Answer(answer.status_code, answer.content, told)
