"""Bytes of uploads that go through the platform to the store, never held whole.

Django takes a request's body whole before it asks who sends it. So for these addresses
it is asked first, by the same request without its body: sessions, CSRF, roles and rules
are those of the view behind the address. Where it answers with a link, the body is
passed on to it as it comes; whatever else it answers is the answer.
"""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.conf import settings

from hexa.backends.storage import passing
from hexa.backends.storage.errors import EndpointNotAllowed, StoreOutage
from hexa.backends.storage.reach import Reach

Scope = dict[str, Any]
Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

_PATH = re.compile(r"/workspaces/[^/]+/files/uploads/through/")
# Each holds a thread and a connection to the store; the others wait, unread.
_AT_A_TIME = 16
_LONGEST = 5 * 2**30
_PASSED_ON = (
    *("content-md5", "content-type", "if-match", "if-none-match"),
    "x-goog-if-generation-match",
)
_PLAIN = [
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"sandbox; default-src 'none'"),
]


class Through:
    def __init__(self, django: Application) -> None:
        self._django = django
        self._threads = ThreadPoolExecutor(_AT_A_TIME, thread_name_prefix="through")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not _PATH.match(scope["path"]):
            await self._django(scope, receive, send)
            return
        headers = {
            name.decode().lower(): value.decode("latin1")
            for name, value in scope["headers"]
        }
        length = headers.get("content-length", "")
        if scope["method"] != "PUT" or not length.isdigit() or int(length) > _LONGEST:
            await _answer(send, 411 if not length else 400, b"")
            return
        status, allowed = await self._ask(scope)
        if status != 200:
            await _answer(
                send, 401 if 300 <= status < 400 else status, allowed, as_json=True
            )
            return
        passed = {name: headers[name] for name in _PASSED_ON if name in headers}
        way = _way(json.loads(allowed))
        await self._pass_on(way, passed, int(length), receive, send)

    async def _ask(self, scope: Scope) -> tuple[int, bytes]:
        """What Django answers to the request without its body."""
        about_body = {
            b"content-length",
            b"transfer-encoding",
            b"content-type",
            b"expect",
            b"accept",
            # The answer is read here, and not by a browser.
            b"accept-encoding",
        }
        kept = [pair for pair in scope["headers"] if pair[0].lower() not in about_body]
        asked = {
            **scope,
            "headers": [*kept, (b"accept", b"application/json")],
            "hexa.through": True,
        }
        over = asyncio.Event()
        status, body, is_read = 500, bytearray(), False

        async def receive() -> Message:
            nonlocal is_read
            if is_read:
                await over.wait()
                return {"type": "http.disconnect"}
            is_read = True
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            else:
                body.extend(message.get("body", b""))

        await self._django(asked, receive, send)
        over.set()
        return status, bytes(body)

    async def _pass_on(
        self,
        way: passing.Way,
        headers: dict[str, str],
        length: int,
        receive: Receive,
        send: Send,
    ) -> None:
        loop = asyncio.get_running_loop()

        async def next_message() -> Message:
            return await receive()

        def pieces() -> Iterator[bytes]:
            """Each is asked for when the store has taken the one before."""
            while True:
                message = asyncio.run_coroutine_threadsafe(
                    next_message(), loop
                ).result()
                if message["type"] == "http.disconnect":
                    raise passing.CutOff
                yield message.get("body", b"")
                if not message.get("more_body", False):
                    return

        try:
            answer = await loop.run_in_executor(
                self._threads, passing.put, way, headers, length, pieces()
            )
        except passing.CutOff:
            return
        except (StoreOutage, EndpointNotAllowed) as error:
            await _answer(send, error.status, b"")
            return
        etag = [(b"etag", answer.etag.encode())] if answer.etag else []
        await _answer(send, answer.status, answer.body, *etag)


def _way(allowed: dict[str, Any]) -> passing.Way:
    """As the views of `files` answer it."""
    elsewhere = Reach(settings.STORE_NETWORKS, settings.OWN_PORTS)
    held = None if allowed["own"] else elsewhere
    return passing.Way(allowed["url"], authority=allowed["authority"], reach=held)


async def _answer(
    send: Send,
    status: int,
    body: bytes,
    *more: tuple[bytes, bytes],
    as_json: bool = False,
) -> None:
    kind = b"application/json" if as_json else b"application/xml"
    headers = [
        *_PLAIN,
        (b"content-type", kind),
        (b"content-length", str(len(body)).encode()),
        *more,
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
