"""A response that a shared cache may store never depends on the request.

Otherwise an attacker's request that removes or changes the tag would do so for every visitor who
gets the stored page.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from random import Random
from typing import ClassVar
from urllib.parse import urlsplit

from bench.attack.adapters import Adapters
from bench.attack.calling import Out
from bench.attack.made import Made, request, response
from bench.attack.tally import Family
from detector.core.html.headers import Headers
from tests.conftest import FIREFOX

_PRIVATE = {"private", "no-store"}
_TARGETED = ("cdn-cache-control", "surrogate-control", "x-accel-expires")
"""Read before Cache-Control by the caches that know them (RFC 9213, and nginx)."""
_LINKS = (
    "simulate=x",
    "simulate=",
    "a=1&simulate=bar.x.y",
    "simulate=%00",
    "simulate=a&simulate=b",
)


class Shared(Family):
    """Each response is requested plainly, by an attacker's request, and by a valid link."""

    name = "shared"
    count = 10_000
    properties: ClassVar[Mapping[str, str]] = {
        "request": "a response that a shared cache may store is the same for all request headers",
        "invalid": "an invalid link gets the usual page",
        "valid": "a response changed by a valid link is private and no-store",
    }

    def __init__(self) -> None:
        super().__init__()
        self.adapters = Adapters()

    def case(self, rng: Random) -> None:
        """Request one response in several ways."""
        made = response(rng)
        while made.method != "GET" or made.status == 304 or not storable(made.headers):
            made = response(rng)
        made = replace(made, fails=-1)
        plain = replace(made, request={"user-agent": FIREFOX}, query="")
        sent = request(rng)
        site = self.adapters.sites[0]
        link = site.simulate_link("https://news.example/", rng.choice(("bottom-bar", "explain")))
        for name, send in self.adapters.fitting(made).items():
            usual = send(plain)
            foreign = send(replace(plain, request=sent))
            self.check("request", foreign == usual, _told(name, sent, usual, foreign, made))
            query = rng.choice(_LINKS)
            invalid = send(replace(plain, query=query))
            self.check("invalid", invalid == usual, _told(name, query, usual, invalid, made))
            valid = send(replace(plain, query=urlsplit(link).query))
            if valid.body != usual.body:
                said = [(key, value) for key, value in valid.headers if "c" in key]
                good = directives(valid.headers) >= _PRIVATE and not storable(valid.headers)
                self.check("valid", good, f"{name}: {said}")
        self.adapters.caught.clear()

    def close(self) -> None:
        """Close the sites."""
        self.adapters.close()


def storable(headers: Headers) -> bool:
    """Whether a shared cache may store a response with these headers."""
    targeted = [value for key, value in headers if key.lower() in _TARGETED]
    if any(value not in ("no-store", "0") for value in targeted):
        return True
    return not directives(headers) & _PRIVATE


def directives(headers: Headers) -> set[str]:
    """Return the directives of Cache-Control: `private` with a list of fields is another."""
    value = ",".join(value for key, value in headers if key.lower() == "cache-control")
    return {part.strip().lower() for part in re.sub(r'"[^"]*"', "", value).split(",")}


def _told(name: str, sent: object, usual: Out, found: Out, made: Made) -> str:
    sizes = f"{len(usual.body)} and {len(found.body)} bytes for {len(made.body)}"
    return f"{name}: {sent!r} changes {made.headers}: {sizes}"
