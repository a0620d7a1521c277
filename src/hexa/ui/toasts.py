"""Short notices in the corner, carried over a redirect by Django's messages."""

from dataclasses import dataclass

from django.contrib import messages
from django.contrib.messages.storage.base import Message
from django.http import HttpRequest

from hexa.ui.icons import Icon

UNDO = "undo:"

TONES: dict[str, tuple[str, Icon]] = {
    "success": ("good", Icon("circle-check")),
    "warning": ("warn", Icon("triangle-alert")),
    "error": ("bad", Icon("circle-alert")),
    "info": ("busy", Icon("info")),
    "debug": ("busy", Icon("info")),
}


@dataclass(frozen=True, slots=True)
class Toast:
    text: str
    tone: str
    icon: Icon
    undo_url: str

    @property
    def stays(self) -> bool:
        """Errors stand until they are closed."""
        return self.tone == "bad"


def toast(
    request: HttpRequest,
    text: str,
    *,
    undo_url: str = "",
    level: int = messages.SUCCESS,
) -> None:
    """Tell the person what was done. A POST to `undo_url` takes it back."""
    tags = f"{UNDO}{undo_url}" if undo_url else ""
    messages.add_message(request, level, text, extra_tags=tags)


def pending(request: HttpRequest) -> list[Toast]:
    """The notices not shown yet; asking for them marks them as shown."""
    return [from_message(message) for message in messages.get_messages(request)]


def from_message(message: Message) -> Toast:
    tone, icon = TONES.get(message.level_tag, TONES["info"])
    tags = message.extra_tags or ""
    undo_url = tags.removeprefix(UNDO) if tags.startswith(UNDO) else ""
    return Toast(text=str(message.message), tone=tone, icon=icon, undo_url=undo_url)
