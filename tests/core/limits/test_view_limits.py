"""Views: how many of one client count, and which begin on a page of the site."""

from __future__ import annotations

import json
from typing import Any

import pytest

from detector.asgi import DetectorMiddleware as AsgiMiddleware
from detector.core.limits.rate_limiter import VIEWS
from detector.core.site import Site
from detector.wsgi import DetectorMiddleware as WsgiMiddleware
from tests.conftest import GOOGLEBOT, Clock
from tests.core.endpoints.conftest import VIEW, Visit, verdict
from tests.core.limits.test_rate_limiter import FAR
from tests.support.calls import call_asgi, call_wsgi

FLOOD = VIEWS.burst + 500


def begin(visit: Visit, first: int, number: int, more: str = "") -> list[dict[str, Any]]:
    """Begin this many views, and return the bootstraps."""
    return [visit.control(f"{first + n:020}", more) for n in range(number)]


def refused(visit: Visit, reason: str) -> int:
    """Return how many requests were refused for a reason."""
    return visit.counted("refused", dimension="reason", value=reason)


def test_views_of_a_client_are_limited(site: Site) -> None:
    """A flood from one address counts its budget of views; the rest probes nothing and gets no
    token, but a response that ends the script cleanly."""
    flood = Visit(site)
    flood.remote = FAR
    told = begin(flood, 0, FLOOD)
    assert all("t" in one for one in told[: VIEWS.burst])
    rest = [{"v": f"{n:020}"} for n in range(VIEWS.burst, FLOOD)]
    assert told[VIEWS.burst :] == rest
    assert (flood.counted("view"), refused(flood, "rate")) == (VIEWS.burst, 500)
    assert flood.counted("passed") == 0
    # Nothing about a refused view is kept.
    assert site.recent_views.start(rest[0]["v"])
    flood.remote = "9.8.7.7"
    assert "t" in flood.control(f"{FLOOD:020}")


@pytest.mark.parametrize(
    ("agent", "more"), [(GOOGLEBOT, ""), (None, "&a=1"), (None, "&w=true")], ids=str
)
def test_every_control_has_a_limit(site: Site, agent: str | None, more: str) -> None:
    """Robots and second looks have the same limit and cannot bypass it."""
    flood = Visit(site, **({"user-agent": agent} if agent else {}))
    flood.remote = FAR
    begin(flood, 0, FLOOD, more)
    assert refused(flood, "rate") == 500
    assert flood.counted("passed") + flood.counted("view") <= VIEWS.burst


def test_a_company_is_not_refused(site: Site, clock: Clock) -> None:
    """Five hundred people behind one address open two pages at once and then one every half
    minute, every tenth with a second look: all of their views count."""
    people = Visit(site)
    people.remote = FAR
    begin(people, 0, 1000)
    for number in range(1000, 5000):
        clock.now += 30 / 500
        assert "t" in people.control(f"{number:020}")
        if number % 10 == 9:
            assert "t" in people.control(f"{number:020}", "&a=1")
    assert (people.counted("view"), refused(people, "rate")) == (5000, 0)


def test_a_report_counts_once_after_a_flood(site: Site, clock: Clock) -> None:
    """A lasting flood does not push out a visitor's view: its arrivals and its counted reports."""
    visit, flood = Visit(site), Visit(site)
    visit.remote, flood.remote = "9.9.9.9", FAR
    control = visit.control()
    first, second = control["b"][0], control["b"][1]
    path, _, query = (first[2] + control["t"]).partition("?")
    visit.get(path, query)
    visit.post(shown := {"t": control["t"], "p": visit.page, "s": "clear", "a": "shown"})
    begin(flood, 0, VIEWS.burst)
    # As if it lasted twenty minutes; real bootstraps would cost more than what is tested here.
    for number in range(VIEWS.burst, 25_000):
        site.recent_views.start(f"{number:020}", FAR)
    visit.post(shown)
    assert (visit.counted("shown", "clear"), refused(visit, "repeat")) == (1, 1)
    claim = {"s": "blocked", "i": "extension", "f": [first[1], second[1]]}
    visit.post(verdict(visit, control, **claim))
    assert (visit.counted("verdict", "blocked"), visit.counted("corrected", "blocked")) == (0, 1)


HERE = {"host": "news.example"}


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://["},
        {"sec-fetch-site": "same-origin", "sec-purpose": "prefetch"},
        {"sec-fetch-site": "same-origin", "sec-purpose": "prefetch;anonymous-client-ip"},
    ],
    ids=str,
)
def test_a_view_begins_on_a_page_of_ours(site: Site, headers: dict[str, str]) -> None:
    """A bootstrap requested by another site, an address bar or a prefetching link has no token."""
    visit = Visit(site, **HERE, **headers)
    assert visit.control() == {"v": VIEW}
    assert (visit.counted("view"), refused(visit, "origin")) == (0, 1)
    assert site.recent_views.start(VIEW)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"sec-fetch-site": "same-origin"},
        {"origin": "https://news.example"},
        # The page is loaded, and probed once it is shown.
        {"sec-fetch-site": "same-origin", "sec-purpose": "prefetch;prerender"},
    ],
    ids=str,
)
def test_views_of_our_pages_begin(site: Site, headers: dict[str, str]) -> None:
    """A browser without the header, or with one for a page of the site, gets its token."""
    visit = Visit(site, **HERE, **headers)
    assert "t" in visit.control()
    assert (visit.counted("view"), refused(visit, "origin")) == (1, 0)


def test_adapters_tell_the_address(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """The WSGI and ASGI middleware pass on the client's address, and share one limit."""
    monkeypatch.setattr(site.view_rate_limiter, "_budget", VIEWS._replace(burst=4))

    async def nothing(scope: object, receive: object, send: object) -> None:
        raise AssertionError

    visit = Visit(site)
    path = visit.prefix + visit.script[:-2] + "json"
    got = []
    for number in range(3):
        query = f"v={number:020}&p={visit.page}"
        wsgi = WsgiMiddleware(lambda environ, start: [], site=site)
        got.append(call_wsgi(wsgi, path=path, QUERY_STRING=query, REMOTE_ADDR=FAR))
        asgi = AsgiMiddleware(nothing, site=site)
        query = f"v={number + 10:020}&p={visit.page}"
        got.append(call_asgi(asgi, path=path, query_string=query.encode(), client=(FAR, 4000)))
    assert ["t" in json.loads(one.body) for one in got] == [True] * 4 + [False] * 2
