"""What a shared cache may store is decided by the response itself, never by who asked for it.

A stranger whose request removes the tag, or changes it, would else do so for every visitor who
gets the stored page.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from random import Random
from typing import ClassVar
from urllib.parse import urlsplit

from bench.attack.adapters import Adapters
from bench.attack.calling import Out
from bench.attack.made import Made, request, response
from bench.attack.tally import Family
from detector.page.headers import words
from tests.conftest import FIREFOX

_PRIVATE = {"private", "no-store"}
_LINKS = (
    "simulate=x",
    "simulate=",
    "a=1&simulate=bar.x.y",
    "simulate=%00",
    "simulate=a&simulate=b",
)


class Shared(Family):
    """Each response is asked for plainly, by a stranger's request, and by a valid link."""

    name = "shared"
    count = 10_000
    properties: ClassVar[Mapping[str, str]] = {
        "request": "what a shared cache may store is the same whatever the request's headers",
        "invalid": "an invalid link gets the usual page",
        "valid": "what a valid link changes is private and no-store",
    }

    def __init__(self) -> None:
        super().__init__()
        self.adapters = Adapters()

    def case(self, rng: Random) -> None:
        """Ask for one response in several ways."""
        made = response(rng)
        while not storable(made):
            made = response(rng)
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
                kept = ",".join(value for key, value in valid.headers if key == "cache-control")
                good = words(kept) >= _PRIVATE and not words(kept) & {"public", "s-maxage"}
                self.check("valid", good, f"{name}: Cache-Control is {kept!r}")
        self.adapters.caught.clear()

    def close(self) -> None:
        """Close the sites."""
        self.adapters.close()


def storable(made: Made) -> bool:
    """Whether a shared cache may store a response: a GET's, and not refused by Cache-Control."""
    if made.method != "GET" or made.status == 304 or made.fails >= 0:
        return False
    return not words(",".join(made.of("cache-control"))) & _PRIVATE


def _told(name: str, sent: object, usual: Out, found: Out, made: Made) -> str:
    sizes = f"{len(usual.body)} and {len(found.body)} bytes for {len(made.body)}"
    return f"{name}: {sent!r} changes {made.headers}: {sizes}"
