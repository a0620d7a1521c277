from typing import Protocol

from playwright.sync_api import Page


class Open(Protocol):
    def __call__(
        self,
        path: str,
        *,
        width: int = 1440,
        theme: str = "light",
        language: str = "en",
        javascript: bool = True,
    ) -> Page: ...
