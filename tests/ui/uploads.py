"""The four addresses of an upload, and a store that keeps parts in memory."""

import json
import threading
from collections import defaultdict

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

PART_SIZE = 64 * 1024

parts: dict[str, dict[int, bytes]] = defaultdict(dict)
finished: dict[str, bytes] = {}
cancelled: list[str] = []
failures_left = 0
is_open = threading.Event()
is_open.set()


def start(request: HttpRequest) -> HttpResponse:
    asked = json.loads(request.body)
    if asked["name"].startswith("."):
        return JsonResponse({"message": "Hidden names are refused."}, status=422)
    ticket = {"upload_id": "1", "key": asked["name"], "part_size": PART_SIZE}
    return JsonResponse(ticket)


def part(request: HttpRequest) -> HttpResponse:
    asked = json.loads(request.body)
    return JsonResponse({"url": f"/store/{asked['key']}/{asked['number']}"})


@csrf_exempt
def put(request: HttpRequest, key: str, number: int) -> HttpResponse:
    global failures_left  # noqa: PLW0603 - a test sets it through /control/
    is_open.wait(timeout=20)
    if failures_left > 0:
        failures_left -= 1
        return HttpResponse(status=503)
    parts[key][number] = request.body
    response = HttpResponse()
    response["ETag"] = f'"{number}"'
    return response


def complete(request: HttpRequest) -> HttpResponse:
    asked = json.loads(request.body)
    key = asked["key"]
    finished[key] = b"".join(parts[key][told["number"]] for told in asked["parts"])
    return JsonResponse({})


def cancel(request: HttpRequest) -> HttpResponse:
    cancelled.append(json.loads(request.body)["key"])
    return HttpResponse(status=204)


@csrf_exempt
def control(request: HttpRequest) -> HttpResponse:
    """What a test asks of the store, and what it then finds there."""
    global failures_left  # noqa: PLW0603
    asked = request.GET
    if "failures" in asked:
        failures_left = int(asked["failures"])
    if asked.get("gate") == "shut":
        is_open.clear()
    if asked.get("gate") == "open":
        is_open.set()
    sizes = {key: len(data) for key, data in finished.items()}
    return JsonResponse({"finished": sizes, "cancelled": cancelled})
