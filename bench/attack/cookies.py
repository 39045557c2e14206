"""Cookies: no forged one is accepted, and no other cookie hides a valid one."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any, ClassVar

from itsdangerous import TimestampSigner

from bench.attack.calling import call_wsgi, environ_of, watch_errors
from bench.attack.forging import forged, odd_text, same_signature
from bench.attack.tally import Family
from detector.core.config.loading import make_config
from detector.core.site import Site
from detector.core.state_cookie import ENVIRON_KEY, UNKNOWN
from detector.core.tokens import STATE_AGE, Tokens
from detector.dashboard import app
from detector.dashboard.password import Password
from detector.dashboard.session import COOKIE, HOURS, Sessions
from detector.dashboard.wsgi import _App
from detector.stores.sqlite.store import SqliteStore
from detector.wsgi import DetectorMiddleware
from tests.conftest import FIREFOX, SECRET, Clock

_HASH = "scrypt:16:1:1:c2l4dGVlbiBieXRlcyBpdA==:xzV57FVSCWIZVVwK3g2-zXookGjwj5QmZ8ok4FPmCLw="
"""A hash that is cheap to check, of an unused password."""
_STATES = ("blocked", "unreachable", "clear")
_OTHERS = ('{"a":1}', "a b c", "é\xff", "[x]", '"open', 'x"y', "", "(", "<>", "\\", "a=b=c", "a,b")
_NAMES = ("a", "prefs", "na me", "[x]", "é", "@", "_ga", "", '"q"', "a/b", "__Host-x", "(x)")


class _Old(TimestampSigner):
    """Signs as of a time when a session has expired since."""

    def get_timestamp(self) -> int:
        return int(time.time()) - HOURS * 3600 - 60


class Cookies(Family):
    """State cookies of level `full` and session cookies of the dashboard, in turn."""

    name = "cookies"
    count = 34_000
    properties: ClassVar[Mapping[str, str]] = {
        "errors": "never an exception",
        "state": "no forged state cookie is accepted",
        "state-hidden": "a valid state cookie is read, whatever other cookies are sent",
        "session": "no forged session opens the dashboard",
        "session-hidden": "a valid session opens the dashboard, whatever other cookies are sent",
    }

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.site = Site(make_config(secret=SECRET, level="full"), self.clock)
        self.caught: list[str] = []
        watch_errors(self.site, self.caught)
        self.seen: list[str] = []
        self.site_app = DetectorMiddleware(self._page, site=self.site)
        self._folder = tempfile.TemporaryDirectory(prefix="attack-")
        file = Path(self._folder.name) / "counts.sqlite"
        SqliteStore(file).close()
        made = app(str(file), password=_HASH, secret=SECRET)
        assert isinstance(made, _App)
        self.dashboard, self.sessions = made, made._access.sessions
        self.old = Sessions(SECRET, Password(_HASH).mark)
        self.old._signer.signer = _Old

    def case(self, rng: Random) -> None:
        """Send one forged cookie, or a valid one among unusual ones, to one of the two."""
        if rng.random() < 0.5:
            self._state(rng)
        else:
            self._session(rng)

    def close(self) -> None:
        """Close the site and remove the store."""
        self.site.close()
        self.dashboard._store.close()
        self._folder.cleanup()

    def _state(self, rng: Random) -> None:
        name, state = self.site.names.state_cookie, rng.choice(_STATES)
        value = self.site.tokens.state(state)
        if valid := rng.random() < 0.4:
            header = _among(rng, f"{name}={value}")
        else:
            bad = rng.choice((forged(rng, value), self._strange_state(rng)))
            header = rng.choice((f"{name}={bad}", f'{name}="{bad}"', f"a=b; {name}={bad}; c=d"))
        headers = {"user-agent": FIREFOX, "cookie": header}
        out = call_wsgi(self.site_app, environ_of("/", "GET", headers, ""))
        self.check("errors", not out.error and not self.caught, f"{self.caught} {header!r} {out}")
        self.caught.clear()
        found = self.seen.pop() if self.seen else "no page"
        if valid:
            self.check("state-hidden", found == state, f"{found} of {header!r}")
        else:
            self.check("state", found == UNKNOWN, f"{found} of {header!r}")

    def _strange_state(self, rng: Random) -> str:
        """Return a token with a foreign, unsuitable or expired signature."""
        tokens, foreign = self.site.tokens, Tokens(["another secret, long enough"], self.clock)
        old = Tokens([SECRET], lambda: self.clock() - STATE_AGE - 1000)
        return rng.choice(
            (
                *(foreign.state("clear"), tokens.page("clear"), tokens.view("clear")),
                *(tokens.preview("clear"), old.state("clear"), tokens.state("owner")),
            )
        )

    def _session(self, rng: Random) -> None:
        sessions = self.sessions
        value = _value(sessions.cookie(sessions.new(signed_in=True), "/", secure=False))
        if valid := rng.random() < 0.4:
            header = _among(rng, f"{COOKIE}={value}")
        else:
            while same_signature(value, bad := forged(rng, value)):
                pass
            bad = rng.choice((bad, self._strange_session(rng)))
            header = rng.choice((f"{COOKIE}={bad}", f'{COOKIE}="{bad}"', f"a=b; {COOKIE}={bad}"))
        # An unknown page: without access to the figures the response is to sign in first.
        out = call_wsgi(self.dashboard, environ_of("/nowhere", "GET", {"cookie": header}, ""))
        self.check("errors", not out.error and out.status < 500, f"{header!r} {out}")
        wanted, name = (404, "session-hidden") if valid else (401, "session")
        self.check(name, out.status == wanted, f"{out.status} of {header!r}")

    def _strange_session(self, rng: Random) -> str:
        """Return a cookie of another secret or password, of no session, signed out, or expired."""
        sessions, mark = self.sessions, b"another password"
        other = rng.choice((Sessions("another secret, long enough", mark), Sessions(SECRET, mark)))
        ended = sessions.new(signed_in=True)
        sessions.end(ended)
        return rng.choice(
            (
                _value(other.cookie(other.new(signed_in=True), "/", secure=False)),
                _value(sessions.cookie(sessions.new(signed_in=False), "/", secure=False)),
                _value(sessions.cookie(ended, "/", secure=False)),
                _value(self.old.cookie(self.old.new(signed_in=True), "/", secure=False)),
            )
        )

    def _page(self, environ: Any, start: Any) -> list[bytes]:
        self.seen.append(environ[ENVIRON_KEY])
        start("200 OK", [("Content-Type", "text/plain")])
        return [b""]


def _value(header: str) -> str:
    return header.partition("=")[2].partition(";")[0]


def _among(rng: Random, ours: str) -> str:
    """Insert a cookie among others as browsers send them: separated by `; `, any value but ;."""
    others = []
    for _ in range(rng.randrange(5)):
        odd = odd_text(rng).replace(";", "").replace("\x00", "")
        others.append(f"{rng.choice(_NAMES)}={rng.choice((*_OTHERS, odd))}")
    others.insert(rng.randrange(len(others) + 1), ours)
    return "; ".join(others)
