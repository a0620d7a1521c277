"""What an uploader talks to: the platform's addresses, and a store, both in memory."""

import base64
import hashlib
import json
import threading
from collections import defaultdict
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

PART_SIZE = 64 * 1024
SMALL = 8 * 2**20
ADDRESSES = {
    name: f"/upload/{name}/"
    for name in ("check", "offer", "resume", "part", "complete", "stored", "cancel")
}

parts: dict[str, dict[int, bytes]] = defaultdict(dict)
finished: dict[str, bytes] = {}
cancelled: list[str] = []
asked: dict[str, int] = defaultdict(int)
failures_left = 0
is_open = threading.Event()
is_open.set()


def page_context() -> dict[str, object]:
    return {"addresses": ADDRESSES}


def why_not(name: str) -> str:
    hidden = name.rpartition("/")[2].startswith(".")
    return "Hidden names are refused." if hidden else ""


def check(request: HttpRequest) -> HttpResponse:
    names = json.loads(request.body)["names"]
    asked["check"] += 1
    return JsonResponse(
        {"refused": {name: why_not(name) for name in names if why_not(name)}}
    )


def offer(request: HttpRequest) -> HttpResponse:
    asked["offer"] += 1
    wishes = json.loads(request.body)["wishes"]
    return JsonResponse({"files": [offered(wish) for wish in wishes]})


def offered(wish: dict[str, Any]) -> dict[str, Any]:
    name = wish["name"]
    if why := why_not(name):
        return {"how": "refused", "message": why}
    there = finished.get(name)
    if there is not None and wish.get("beside"):
        name = f"{name} (2)"
    elif there is not None and wish.get("replaces") != md5(there):
        return {
            "how": "taken",
            "key": name,
            "size": len(there),
            "modified": "2026-11-03T10:00:00+00:00",
            "etag": md5(there),
            "part_size": PART_SIZE,
            "kept": True,
            "beside": True,
        }
    # The tests call large what begins so: nobody wants to wait for 8 MiB.
    if wish["size"] > SMALL or name.startswith("large"):
        return parted(name)
    link = {"url": f"/store/{name}/0", "through": f"/through/{name}/0", "headers": {}}
    return {"how": "whole", "key": name, **link}


def parted(key: str) -> dict[str, Any]:
    stored = [[number, md5(data), len(data)] for number, data in parts[key].items()]
    return {
        "how": "parts",
        "upload": key,
        "key": key,
        "part_size": PART_SIZE,
        "stored": stored,
        "first": [],
    }


def resume(request: HttpRequest) -> HttpResponse:
    return JsonResponse(parted(json.loads(request.body)["upload"]))


def part(request: HttpRequest) -> HttpResponse:
    told = json.loads(request.body)
    at = f"{told['upload']}/{told['number']}"
    return JsonResponse(
        {"url": f"/store/{at}", "through": f"/through/{at}", "headers": {}}
    )


@csrf_exempt
def put(request: HttpRequest, key: str, number: int) -> HttpResponse:
    global failures_left  # noqa: PLW0603 - a test sets it through /control/
    is_open.wait(timeout=20)
    if failures_left > 0:
        failures_left -= 1
        return HttpResponse(status=503)
    promised = base64.b64decode(request.headers["Content-MD5"]).hex()
    if promised != md5(request.body):
        return HttpResponse("<Code>BadDigest</Code>", status=400)
    asked["put"] += 1
    parts[key][number] = request.body
    if number == 0:
        finished[key] = request.body
    response = HttpResponse()
    response["ETag"] = f'"{promised}"'
    return response


def complete(request: HttpRequest) -> HttpResponse:
    told = json.loads(request.body)
    key = told["upload"]
    listed = [parts[key][one["number"]] for one in told["parts"]]
    assert [md5(data) for data in listed] == [one["etag"] for one in told["parts"]]
    finished[key] = b"".join(listed)
    return JsonResponse({"how": "done", "key": key, "size": len(finished[key])})


def stored(request: HttpRequest) -> HttpResponse:
    asked["stored"] += 1
    keys = json.loads(request.body)["keys"]
    return JsonResponse({"sizes": {key: len(finished[key]) for key in keys}})


def cancel(request: HttpRequest) -> HttpResponse:
    cancelled.append(json.loads(request.body)["upload"])
    return HttpResponse(status=204)


def md5(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


@csrf_exempt
def control(request: HttpRequest) -> HttpResponse:
    """What a test asks of the store, and what it then finds there."""
    global failures_left  # noqa: PLW0603
    if "failures" in request.GET:
        failures_left = int(request.GET["failures"])
    if request.GET.get("gate") == "shut":
        is_open.clear()
    if request.GET.get("gate") == "open":
        is_open.set()
    sizes = {key: len(data) for key, data in finished.items()}
    return JsonResponse({"finished": sizes, "cancelled": cancelled, "asked": asked})
