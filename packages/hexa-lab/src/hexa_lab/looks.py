"""JupyterLab in the colours and the language that were chosen on the platform's pages.

Both stand in cookies of the browser, which come with each request. They become Lab's
default settings for this one answer, so that a change shows with the next load, no server
starts anew for it, and what somebody chose inside Lab stands above it.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

import json5
from jupyter_server.serverapp import ServerApp
from jupyter_server.utils import url_path_join
from jupyterlab_server.settings_handler import SettingsHandler
from jupyterlab_server.settings_utils import get_settings
from tornado import web

from hexa_lab.contents import HexaContents

# As the platform names them (`hexa.ui.preferences` and its settings).
THEME_COOKIE: Final = "hexa_theme"
LANGUAGE_COOKIE: Final = "hexa_language"

_THEMES: Final = "@jupyterlab/apputils-extension:themes"
_TRANSLATION: Final = "@jupyterlab/translation-extension:plugin"
_NAMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}
_LOCALES = {"en": "en", "fr": "fr_FR"}

Defaults = dict[str, Any]


def theme_of(handler: web.RequestHandler) -> str:
    """`light`, `dark`, or nothing where it is left to the system."""
    theme = handler.get_cookie(THEME_COOKIE) or ""
    return theme if theme in _NAMES else ""


def language_of(handler: web.RequestHandler) -> str:
    """That of the pages in this browser, otherwise the person's."""
    language = handler.get_cookie(LANGUAGE_COOKIE) or ""
    if language in _LOCALES:
        return language
    contents = handler.settings["contents_manager"]
    assert isinstance(contents, HexaContents)
    return contents.language


class LooksHandler(SettingsHandler):
    """Lab's own, but for two of its default settings."""

    def initialize(self, server: ServerApp, known: Defaults) -> None:
        # Lab loads after us, so it is asked late; what it reads of the disk is kept.
        (lab,) = server.extension_manager.extension_apps["jupyterlab"]
        super().initialize(
            name=lab.name,
            app_settings_dir=lab.app_settings_dir,
            schemas_dir=lab.schemas_dir,
            settings_dir=lab.user_settings_dir,
            labextensions_path=lab.extra_labextensions_path + lab.labextensions_path,
            overrides=known,
        )
        known.update(self.overrides)

    @web.authenticated
    def get(self, schema_name: str = "") -> object:
        chosen = {_TRANSLATION: {"locale": self._locale()}}
        if schema_name in {"", _THEMES}:
            chosen[_THEMES] = self._theme()
        overrides = dict(self.overrides)
        for plugin, defaults in chosen.items():
            overrides[plugin] = {**overrides.get(plugin, {}), **defaults}
        self.overrides = overrides
        return super().get(schema_name)

    @web.authenticated
    def put(self, schema_name: str) -> object:
        if schema_name == _THEMES and self._theme() == {}:
            self._leave_to_the_system()
        return super().put(schema_name)

    def get_current_locale(self) -> str:
        """That of what settings are called. Jupyter's own looks at no default."""
        if "locale" in self._chosen_in_lab(_TRANSLATION):
            return super().get_current_locale()
        return self._locale()

    def _theme(self) -> Defaults:
        theme = theme_of(self)
        if theme:
            return {"theme": _NAMES[theme], "adaptive-theme": False}
        # One that was chosen in Lab would not hold against the system's.
        has_own = "theme" in self._chosen_in_lab(_THEMES)
        return {"adaptive-theme": False} if has_own else {}

    def _locale(self) -> str:
        return _LOCALES.get(language_of(self), "en")

    def _leave_to_the_system(self) -> None:
        """Lab keeps a theme that it followed the system to as if it were chosen. Who
        chooses one has `adaptive-theme` switched off first."""
        try:
            chosen = json5.loads(json.loads(self.request.body)["raw"])
            if "theme" not in chosen or "adaptive-theme" in chosen:
                return
        except (ValueError, KeyError, TypeError):
            return  # answered by Lab, in its words
        del chosen["theme"]
        self.request.body = json.dumps({"raw": json.dumps(chosen)}).encode()

    def _chosen_in_lab(self, plugin: str) -> Mapping[str, object]:
        found, _ = get_settings(
            self.app_settings_dir,
            self.schemas_dir,
            self.settings_dir,
            schema_name=plugin,
            overrides=self.overrides,
            labextensions_path=self.labextensions_path,
        )
        chosen: Mapping[str, object] = found["settings"]
        return chosen


def follow(server: ServerApp) -> None:
    """Answers in Lab's place; ours stand first, since Lab's routes come after."""
    settings = url_path_join(server.web_app.settings["base_url"], "lab/api/settings")
    told = {"server": server, "known": {}}
    server.web_app.add_handlers(
        ".*$",
        [
            (f"{settings}/?", LooksHandler, told),
            (f"{settings}/(?P<schema_name>.+)", LooksHandler, told),
        ],
    )
