"""A site behind each real server that owners put in front: pages, verdicts, counts, addresses."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import NamedTuple

import pytest

from detector.analytics.query import Summary, summary
from detector.core.assets import script as built
from detector.core.counting.store_url import open_store
from detector.core.limits.rate_limiter import BURST
from detector.core.site import Site
from tests.support.curl import Lines, Request, Visitor
from tests.support.deployed import PAGE, detected, news, served
from tests.support.fronts import FRONTS, Certificate, Front
from tests.support.tags import script, strip

DAY = 20_000
SENT = BURST + 3


class Place(NamedTuple):
    """A site behind a front, with a stopped clock: no client's budget is refilled."""

    site: Site
    front: Front
    port: int
    authority: Path
    numbers: Iterator[int]

    def visitor(self) -> Visitor:
        """Return a visitor with an address that had no visitor before."""
        return Visitor(self.port, self.authority, f"127.0.1.{next(self.numbers)}")

    def view(self) -> str:
        """Return the id of a view that has not begun."""
        return f"{next(self.numbers):020}"

    def report(self, view: str, lines: Lines = ()) -> Request:
        """Return the report of a clear view."""
        token, page = self.site.tokens.view(view), self.site.tokens.page("/")
        body = json.dumps({"t": token, "p": page, "s": "clear", "i": None, "f": []})
        path = f"/{self.site.names.prefix}/{self.site.names.report}"
        return Request("POST", path, body, lines)

    def counted(self) -> Summary:
        """Return what has been counted so far."""
        assert self.site.flusher is not None
        assert self.site.flusher.flush()
        store = open_store(self.site.config.store, readonly=True)
        try:
            return summary(store)
        finally:
            store.close()


@pytest.fixture(scope="module", params=FRONTS)
def place(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Place]:
    """Run a site behind each front."""
    folder, front = tmp_path_factory.mktemp("front"), FRONTS[request.param]
    store = str(folder / "db")
    app = detected(news(), DAY, store=store, proxies=front.proxies, flush_seconds=3600)
    certificate = Certificate(folder)
    with served(app) as url, front.start(folder, url, certificate) as port:
        yield Place(app.site, front, port, certificate.authority, count(1))
    app.site.close()


def test_page_comes_packed_with_its_tag(place: Place) -> None:
    """A page has its tag, by HTTP/2, compressed by the front, also from the front's cache."""
    visitor = place.visitor()
    for number in range(2):
        got = visitor.ask("/article/packed")
        assert (got.status, got.version) == (200, place.front.version)
        assert got.headers.get("content-encoding", "") == place.front.packs
        assert strip(got.body) == PAGE.encode()
        if place.front.stores:
            assert got.headers["x-cache"] == ("HIT" if number else "MISS")


def test_a_view_is_counted_once(place: Place) -> None:
    """Script, bootstrap, baits and report of a view arrive, and a report sent again counts once."""
    visitor, before = place.visitor(), place.counted()
    src, token = script(visitor.ask("/").body.decode())
    got = visitor.ask(src)
    assert (got.status, got.body) == (200, built("detect").body)
    view = place.view()
    own = [("Sec-Fetch-Site", "same-origin")]
    got = visitor.ask(f"{src}on?v={view}&p={token}&w=false", lines=own)
    told = json.loads(got.body)
    assert told["v"] == view
    folder = f"/{place.site.names.prefix}/"
    baits = [f"{folder}{path}{told['t']}" for _, _, *pair in told["b"] for path in pair]
    asked = [Request(method, path) for path in baits for method in ("GET", "HEAD")]
    assert visitor.many(asked) == [200] * len(asked)
    assert visitor.many([place.report(view)] * 2) == [204, 204]
    after = place.counted()
    assert after.views - before.views == 1
    assert after.verdict_count - before.verdict_count == 1
    assert after.refused.get("repeat", 0) - before.refused.get("repeat", 0) == 1
    assert after.errors == 0


def test_bootstraps_are_not_shared(place: Place) -> None:
    """Two visitors of one stored page have bootstraps of their own, which nothing stores."""
    seen = set()
    for _ in range(2):
        visitor, view = place.visitor(), place.view()
        src, token = script(visitor.ask("/").body.decode())
        address = f"{src}on?v={view}&p={token}&w=false"
        assert visitor.many([Request("HEAD", address)]) == [200]
        got = visitor.ask(address)
        assert json.loads(got.body)["v"] == view
        assert got.headers["cache-control"] == "private, no-store"
        assert got.headers.get("x-cache", "MISS") in ("MISS", "BYPASS")
        seen.add(json.loads(got.body)["t"])
    assert len(seen) == 2


def forged(rng: random.Random) -> Lines:
    """Return header lines of a client that forges its address and its host."""

    def address() -> str:
        return ".".join(str(rng.randrange(1, 224)) for _ in range(4))

    values = [address(), f"{address()}, {address()}", "", f"{address()},", "2600::1", "unknown"]
    names = ("X-Forwarded-For", "x-forwarded-for", "X-Forwarded-For")
    lines = [(rng.choice(names), rng.choice(values)) for _ in range(rng.randrange(1, 4))]
    other = rng.choice(("X-Real-IP", "CF-Connecting-IP", "True-Client-IP", "Fastly-Client-IP"))
    return [*lines, (other, address()), ("Forwarded", f"for={address()};host=evil.example")]


def test_nobody_chooses_his_address(place: Place) -> None:
    """Of the reports of each visitor 20 are counted, whatever addresses he writes into them."""
    rng, before = random.Random(5), place.counted()
    visitors = [place.visitor(), place.visitor()]
    for visitor in visitors:
        reports = [place.report(place.view(), forged(rng)) for _ in range(SENT)]
        assert visitor.many(reports) == [204] * SENT
    after = place.counted()
    assert after.verdict_count - before.verdict_count == BURST * len(visitors)
    assert after.refused.get("rate", 0) - before.refused.get("rate", 0) == (SENT - BURST) * 2


def test_a_page_does_not_follow_forged_headers(place: Place) -> None:
    """Hosts, schemes and paths that a stranger writes into headers change no page for others."""
    visitor = place.visitor()
    usual = visitor.ask("/article/usual").body
    evil = [
        *(("X-Forwarded-Host", "evil.example"), ("X-Forwarded-Prefix", "/evil")),
        *(("X-Forwarded-Proto", "javascript"), ("X-Original-URL", "/evil")),
        *(("Forwarded", 'host="evil.example";proto=javascript'), ("X-Script-Name", "/evil")),
    ]
    assert visitor.ask("/article/first", lines=evil).body == usual
    assert visitor.ask("/article/first").body == usual
