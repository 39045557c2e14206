"""The gallery as a WSGI app: its pages, the notice's own script, and its texts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from detector.core.assets import script
from detector.core.notice.payload import PayloadCache
from detector.core.served_names import ServedNames
from detector.core.texts.negotiation import known
from detector.notice_preview import pages
from detector.notice_preview.cases import (
    AWAY,
    DIRECTIONS,
    MODES,
    PLACES,
    THEMES,
    WIDTHS,
    Case,
    languages,
)

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

    from detector.core.config.options import Config

_AGENTS = {
    "phone": "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/150.0.0.0 Mobile Safari/537.36",
    "tablet": "Mozilla/5.0 (iPad; CPU OS 18_0 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1",
    "desktop": "Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0",
}
"""The user agents of each width, which decide the steps shown."""

_PLACES = ("", *sorted({place for some in PLACES.values() for place in some}))
_ALLOWED = {
    "mode": (*MODES, AWAY),
    "theme": THEMES,
    "dir": DIRECTIONS,
    "width": tuple(WIDTHS),
    "place": _PLACES,
}


class _Refused(Exception):
    """The query of a page is not valid; the message says what is."""


class _Headers:
    """The headers of a visitor of one width."""

    def __init__(self, width: str) -> None:
        self._agent = _AGENTS[width]

    def get(self, name: str) -> str | None:
        """Return one header by its lower-case name."""
        return self._agent if name == "user-agent" else None


class Gallery:
    """Serves the gallery of one site's options; nothing is counted or stored."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._texts = {
            theme: PayloadCache(replace(config, look={**(config.look or {}), "theme": theme}))
            for theme in THEMES
        }
        self._script = script("own" if config.template else "plus").body
        self._names = ServedNames(config.secret)

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        query = environ.get("QUERY_STRING", "")
        try:
            kind, body = self._answer(environ["PATH_INFO"], query)
            status = "200 OK"
        except KeyError:
            status, kind, body = "404 Not Found", "text/plain", b"The gallery is at /"
        except _Refused as refused:
            status, kind, body = "400 Bad Request", "text/plain", str(refused).encode()
        headers = [("Content-Type", f"{kind}; charset=utf-8"), ("Content-Length", str(len(body)))]
        headers += [("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff")]
        start(status, headers)
        return [body]

    def _answer(self, path: str, query: str) -> tuple[str, bytes]:
        asked = {key: values[0] for key, values in parse_qs(query).items()}
        if path == "/notice.js":
            return "text/javascript", self._script
        if self._names.script_of(path[1:]) == "panel":
            return "text/javascript", script("panel").body
        if path == "/texts":
            theme, width = _known(asked, "theme"), _known(asked, "width")
            found = self._texts[theme].find(query, _Headers(width), self._names)
            return "application/json", found[0]
        return "text/html", self._page(path, asked).encode()

    def _page(self, path: str, asked: dict[str, str]) -> str:
        if path == "/":
            return pages.gallery(self._config, asked.get("lang", ""), self._variant(asked))
        if path == "/sheet":
            return pages.sheet(self._config)
        if path != "/page":
            raise KeyError(path)
        mode, theme, way, width, place = (_known(asked, name) for name in _ALLOWED)
        if mode in ("slot", AWAY):
            place = place or PLACES[width][-1]
        language = known(asked.get("lang", "")) or languages(self._config)[way]
        case = Case(mode, theme, way, width, place)
        return pages.sample(case, language, self._variant(asked))

    def _variant(self, asked: dict[str, str]) -> str:
        """Return the name of the requested variant, or "" for the site's own texts."""
        name, names = asked.get("variant", ""), [one["name"] for one in self._config.variants]
        if name and name not in names:
            allowed = ", ".join(names) or "none, since the site has no variants"
            raise _Refused(f"variant is {name!r}; allowed are {allowed}")
        return name


def _known(asked: dict[str, str], name: str) -> str:
    """Return one value of the query, by default the first allowed one."""
    allowed = _ALLOWED[name]
    value = asked.get(name, allowed[0])
    if value not in allowed:
        raise _Refused(f"{name} is {value!r}; allowed are {', '.join(filter(None, allowed))}")
    return value
