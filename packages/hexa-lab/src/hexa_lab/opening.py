"""What is seen while JupyterLab's own files come, which on a slow line takes minutes.

Lab's page is empty, and white, until all of its code has arrived and runs. Ours stands in
the page itself: in the colours and the language of the platform's pages, it tells how much
has come, and when a part did not.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import jinja2
from jupyter_server.serverapp import ServerApp
from tornado import web

from hexa_lab.looks import language_of, theme_of

PAGE: Final = "index.html"
BODY: Final = '<body class="jp-ThemedContainer">'
_MARKUP: Final = Path(__file__).with_suffix(".html")

_PageConfig = dict[str, Any]
_Hook = Callable[[web.RequestHandler, _PageConfig], _PageConfig]


def show(server: ServerApp) -> None:
    """To be called once all extensions are loaded; Lab's templates are not there before."""
    settings = server.web_app.settings
    templates: jinja2.Environment = settings["lab_jinja2_env"]
    assert templates.loader is not None
    templates.loader = _Opened(templates.loader)
    settings["page_config_hook"] = _told(settings.get("page_config_hook"))


class _Opened(jinja2.BaseLoader):
    """Lab's templates, and in its page ours. A page without that place stays as it is."""

    def __init__(self, labs: jinja2.BaseLoader) -> None:
        self._labs = labs

    def get_source(
        self, environment: jinja2.Environment, template: str
    ) -> tuple[str, str | None, Callable[[], bool] | None]:
        source, name, is_current = self._labs.get_source(environment, template)
        if template == PAGE:
            ours = _MARKUP.read_text(encoding="utf-8")
            source = source.replace(BODY, f"{BODY}{ours}", 1)
        return source, name, is_current


def _told(first: _Hook | None) -> _Hook:
    """What the page's template knows, and for whom it is written besides."""

    def hook(handler: web.RequestHandler, page_config: _PageConfig) -> _PageConfig:
        told = first(handler, page_config) if first else page_config
        opening = {"language": language_of(handler), "theme": theme_of(handler)}
        return {**told, "hexaOpening": opening}

    return hook
