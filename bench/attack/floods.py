"""Bootstraps, baits, texts and scripts with any query: no error, and bounded memory."""

from __future__ import annotations

import json
from collections.abc import Mapping
from random import Random
from typing import ClassVar
from urllib.parse import quote

from bench.attack.calling import Out, call_asgi, call_wsgi, environ_of, no_page, watch_errors
from bench.attack.forging import address, forged, odd_text
from bench.attack.tally import Family
from detector.asgi import DetectorMiddleware as Asgi
from detector.core.assets import script
from detector.core.config.loading import make_config
from detector.core.reports.recent_views import CAP
from detector.core.site import Site
from detector.core.tokens import TokenError
from detector.wsgi import DetectorMiddleware as Wsgi
from tests.conftest import FIREFOX, GOOGLEBOT, SECRET, Clock
from tests.support.calls import scope_of

_FLOOD = 2000
_MOST = 1000
"""Of so many controls that one address asks for at once, at most so many views may be counted."""
_ANSWERS = (200, 204, 404, 405)


class Floods(Family):
    """Queries of any kind to all URLs below the prefix, and floods of views by one address."""

    name = "floods"
    count = 40_000
    properties: ClassVar[Mapping[str, str]] = {
        "errors": "never an exception, never a 500, never the app's page",
        "tokens": "no forged token is accepted",
        "foreign": "a bootstrap requested by another site's page counts no view",
        "flood": f"of {_FLOOD:,} controls by one address at once at most {_MOST:,} count as views",
        "kept": "a flood by one address pushes out no other client's view",
        "twice": "a report repeated after a flood is not counted again",
        "memory": f"at most {CAP:,} views are remembered",
    }

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.site = Site(make_config(secret=SECRET), self.clock)
        self.caught: list[str] = []
        watch_errors(self.site, self.caught)
        self.wsgi, self.asgi = Wsgi(no_page, site=self.site), Asgi(no_page, site=self.site)
        self.prefix = f"/{self.site.names.prefix}/"
        detect = self.site.names.script("detect", script("detect").content_hash)
        self.control = self.prefix + detect[:-2] + "json"
        choice = self.site.baits[self.site.names.prefix].choose(0, False)
        path, _, self.before_token = choice.requests[0][0].url.partition("?")
        self.bait = self.prefix + path

    def case(self, rng: Random) -> None:
        """Send an unusual request, or a flood."""
        self.clock.now += 0.1
        way = rng.random()
        if way < 0.0002:
            self._push_out(rng)
        elif way < 0.001:
            self._flood(rng)
        elif way < 0.05:
            self._foreign(rng)
        elif way < 0.2:
            self._token(rng)
        else:
            self._odd(rng)

    def finish(self) -> None:
        """Check the size of what is kept."""
        size = len(getattr(self.site.recent_views, "_views", ()))
        self.tally.figures["views remembered"] = f"{size:,}"
        self.check("memory", size <= CAP, size)

    def close(self) -> None:
        """Close the site."""
        self.site.close()

    def _odd(self, rng: Random) -> None:
        names = self.site.names
        paths = [self.control, self.bait, *(self.prefix + one for one in (names.texts, ""))]
        simulation = names.script("simulate", script("simulate").content_hash)[:-2] + "json"
        paths += [self.prefix + simulation, self.prefix + odd_text(rng), self.control + "/.."]
        view = "".join(rng.choices("0123456789", k=20))
        token, page = self.site.tokens.view(view), self.site.tokens.page("/a")
        texts = (
            view,
            token,
            page,
            page + "~n9r" + "f" * 9,
            odd_text(rng),
            "true",
            "en",
            "9" * 4000,
        )
        fields = (
            f"{rng.choice(('v', 'p', 'w', 'a', 'k', 'l', 'z', 't', odd_text(rng)))}="
            f"{rng.choice((quote, str))(rng.choice(texts))}"
            for _ in range(rng.choice((1, 2, 3, 12)))
        )
        sent = {
            "user-agent": rng.choice((FIREFOX, GOOGLEBOT, odd_text(rng) * 20)),
            "referer": rng.choice(("https://news.example/a", "http://[", odd_text(rng))),
            "accept-language": rng.choice(("de", "x" * 5000, "de;q=x,,;", odd_text(rng))),
            "accept-encoding": rng.choice(("gzip", "", odd_text(rng))),
            "cookie": odd_text(rng),
        }
        method = rng.choice(["GET"] * 6 + ["HEAD", "POST", "X"])
        query = rng.choice("&;").join(fields)
        out = self._ask(rng, rng.choice(paths), query, method, address(rng), sent)
        good = out.status in _ANSWERS and not out.error and not self.caught
        self.check("errors", good, f"{method} ?{query[:99]!r} {sent}: {self.caught} {out}")
        self.caught.clear()

    def _token(self, rng: Random) -> None:
        """Check that a forged view token gets no bait, and a forged page token no group."""
        tokens = self.site.tokens
        good = rng.choice((tokens.view("7" * 20), tokens.page("/article/*")))
        bad = forged(rng, good)
        for read in (tokens.read_view, tokens.read_page, tokens.read_preview):
            try:
                found = f"{read.__name__} returned {read(bad)!r}"
            except TokenError:
                found = ""
            except Exception as error:
                found = f"{read.__name__} raised {error!r}"
            self.check("tokens", not found, f"{bad!r}: {found}")
        for token, status in ((bad, 404), (tokens.view("7" * 20), 200)):
            out = self._ask(rng, self.bait, self.before_token + token)
            self.check("tokens", out.status == status, f"{out.status} for {token!r}")

    def _foreign(self, rng: Random) -> None:
        self.site.counters.drain()
        kind = rng.choice(("cross-site", "same-site"))
        self._view(rng, address(rng), {"sec-fetch-site": kind})
        counted = self._counted()
        self.check("foreign", counted == 0, f"Sec-Fetch-Site: {kind} counted {counted}")

    def _flood(self, rng: Random) -> None:
        self.site.counters.drain()
        remote = address(rng)
        for _ in range(_FLOOD):
            self._view(rng, remote)
        counted = self._counted()
        self.check("flood", 0 < counted <= _MOST, f"{counted} views of {remote}")

    def _push_out(self, rng: Random) -> None:
        """Begin one view, flood from another address, and finish the first view."""
        view, token = self._view(rng, address(rng))
        self._report(token)
        remote = address(rng)
        for _ in range(CAP + 100):
            self.clock.now += 0.05  # slowly enough to pass the limit of a client
            self._view(rng, remote)
        self.site.counters.drain()
        self._report(token)
        again = self._counted("verdict")
        self.check("twice", again == 0, f"{again} after a flood by {remote}")
        self._ask(rng, self.bait, self.before_token + token)
        self.check("kept", bool(self.site.recent_views.arrived(view)), f"after a flood by {remote}")

    def _view(
        self, rng: Random, remote: str, more: dict[str, str] | None = None
    ) -> tuple[str, str]:
        view = "".join(rng.choices("0123456789", k=20))
        page = self.site.tokens.page("/a")
        out = self._ask(rng, self.control, f"v={view}&p={page}", remote=remote, headers=more)
        return view, str(json.loads(out.body or b"{}").get("t", ""))

    def _report(self, token: str) -> None:
        said = {"t": token, "p": self.site.tokens.page("/a"), "s": "clear"}
        path, body = self.prefix + self.site.names.report, json.dumps(said).encode()
        call_wsgi(self.wsgi, environ_of(path, "POST", {"user-agent": FIREFOX}, "", body))

    def _counted(self, action: str = "view") -> int:
        rows = self.site.counters.drain()
        return sum(n for key, n in rows.items() if (key[2], key[5]) == ("all", action))

    def _ask(
        self,
        rng: Random,
        path: str,
        query: str,
        method: str = "GET",
        remote: str = "",
        headers: dict[str, str] | None = None,
    ) -> Out:
        # Servers pass on bytes as latin-1.
        sent = {name: value.encode().decode("latin-1") for name, value in (headers or {}).items()}
        sent = {"user-agent": FIREFOX, "host": "news.example", **sent}
        if rng.random() < 0.7:
            path, query = path.encode().decode("latin-1"), query.encode().decode("latin-1")
            return call_wsgi(self.wsgi, environ_of(path, method, sent, remote, query=query))
        more = {"headers": sent, "query_string": query.encode(), "client": (remote, 1)}
        return call_asgi(self.asgi, scope_of(path, method, **more))
