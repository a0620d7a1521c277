"""A form that is too large is refused before it lies on the disk.

Django writes a request's body to the disk whole before it asks who sends it; a form
without JavaScript may bring any number of files. Files that are sent by the page itself
do not come this way (`through`).
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from hexa.foundation.answers import LARGEST_FORM, TOO_LARGE

Scope = dict[str, Any]
Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

_ABOUT_BODY = {b"content-length", b"content-type", b"transfer-encoding", b"expect"}


class Bounded:
    def __init__(self, django: Application) -> None:
        self._django = django

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._django(scope, receive, send)
            return
        length = dict(scope["headers"]).get(b"content-length", b"0")
        if length.isdigit() and int(length) <= LARGEST_FORM:
            await self._django(scope, _counted(receive), send)
            return
        # A browser reads the answer once all is sent. None of it is kept.
        while (await receive()).get("more_body", False):
            pass
        kept = [pair for pair in scope["headers"] if pair[0].lower() not in _ABOUT_BODY]
        await self._django({**scope, "headers": kept, TOO_LARGE: True}, _empty(), send)


def _counted(receive: Receive) -> Receive:
    """Who does not say how much comes is cut off where it is too much."""
    taken = 0

    async def next_message() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        return {"type": "http.disconnect"} if taken > LARGEST_FORM else message

    return next_message


def _empty() -> Receive:
    is_read = False

    async def next_message() -> Message:
        nonlocal is_read
        if is_read:
            await asyncio.Event().wait()  # until Django has answered
        is_read = True
        return {"type": "http.request", "body": b"", "more_body": False}

    return next_message
