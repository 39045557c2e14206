"""Shared caches in front of a site: the first request does not affect what others get."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest
from flask import Flask, Response, request

from detector.core.html.tag import INLINE
from detector.core.site import Site
from tests.conftest import GOOGLEBOT
from tests.support.caches import Start, ask, nginx_cache, varnish
from tests.support.deployed import PAGE, detected, served
from tests.support.servers import until

TAG = INLINE.encode()
CACHES: dict[str, Start] = {"nginx": nginx_cache, "varnish": varnish}
# The pages' cache headers. `overruled` is private, but nginx and Varnish get other headers.
SAID = {
    "silent": {},
    "public": {"Cache-Control": "public, max-age=600", "ETag": '"abc"'},
    "targeted": {
        "Cache-Control": "max-age=600",
        "Expires": "Thu, 01 Oct 2037 10:00:00 GMT",
        "X-Accel-Expires": "600",
        "Surrogate-Control": "max-age=600",
        "CDN-Cache-Control": "max-age=600",
    },
    "overruled": {
        "X-Accel-Expires": "600",
        "Cache-Control": "private",
        "Surrogate-Control": "max-age=600",
    },
    "private": {"Cache-Control": "private"},
    "aging": {"Cache-Control": "max-age=1", "ETag": '"abc"'},
}
STORED = ("silent", "public", "targeted", "overruled")
STRANGE = {
    "X-PJAX": "true",
    "HX-Request": "true",
    "HX-Boosted": "true",
    "Turbo-Frame": "main",
    "X-Up-Target": "main",
    "X-Requested-With": "XMLHttpRequest",
    "Sec-Fetch-Dest": "empty",
    "Sec-Fetch-Mode": "cors",
    "Sec-Purpose": "prefetch",
    "Range": "bytes=0-20",
    "Accept": "application/json",
    "Accept-Language": "xx",
    "Accept-Encoding": "gzip",
    "If-None-Match": 'W/"abc"',
    "If-Modified-Since": "Thu, 01 Oct 2037 10:00:00 GMT",
    "User-Agent": GOOGLEBOT,
    "Sec-GPC": "1",
    "DNT": "1",
    "X-Forwarded-For": "192.0.2.1",
    "X-Forwarded-Prefix": "/other",
    "X-Script-Name": "/other",
    "X-Forwarded-Host": "evil.example",
    "X-Original-URL": "/other",
    "X-HTTP-Method-Override": "HEAD",
    "Referer": "https://foreign.example/",
}


class Place(NamedTuple):
    """A site, the cache in front of it, and whether the cache's key has the query."""

    site: Site
    app: str
    cache: str
    by_query: bool
    numbers: Iterator[int]

    def path(self, said: str) -> str:
        """Return the path of a page that has not been requested."""
        return f"/{said}/{next(self.numbers)}"

    def link(self, path: str) -> str:
        """Return a valid link to a page, behind the cache."""
        made = self.site.simulate_link(f"https://news.example{path}", "modal")
        return f"{self.cache}{path}?{urlsplit(made).query}"

    def shows(self, body: bytes) -> bool:
        """Whether a page is the preview of a link."""
        return self.site.names.script("simulate", "")[:-3].encode() in body


def pages() -> Flask:
    """Build a site with pages of different cache headers, which revalidates."""
    app = Flask("cached")

    @app.get("/<said>/<int:number>")
    def page(said: str, number: int) -> Response:
        response = Response(PAGE, headers=SAID[said], mimetype="text/html")
        if "If-None-Match" in request.headers or "Range" in request.headers:
            response.make_conditional(request, accept_ranges=True, complete_length=len(PAGE))
        return response

    return app


@pytest.fixture(scope="module", params=[f"{c} {k}" for c in CACHES for k in ("query", "path")])
def place(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Place]:
    """Run a site behind each cache, with and without the query in the key."""
    name, _, key = request.param.partition(" ")
    folder: Path = tmp_path_factory.mktemp(name)
    app = detected(pages())
    with served(app) as url, CACHES[name](folder, url, key == "query") as cache:
        yield Place(app.site, url, cache, key == "query", count())


@pytest.mark.parametrize("said", STORED)
@pytest.mark.parametrize("header", STRANGE)
def test_request_headers_change_nothing(place: Place, header: str, said: str) -> None:
    """A page that a cache stores for an attacker's request is the usual one, with its tag."""
    path = place.path(said)
    usual = ask(place.app + path).body
    assert TAG in usual
    ask(place.cache + path, **{header: STRANGE[header]})
    found = ask(place.cache + path)
    assert (found.cache, found.body) == ("HIT", usual)


@pytest.mark.parametrize("said", STORED)
def test_head_changes_nothing(place: Place, said: str) -> None:
    """After a first request with HEAD the next visitor gets the page with its tag."""
    path = place.path(said)
    ask(place.cache + path, "HEAD")
    assert ask(place.cache + path).body == ask(place.app + path).body


@pytest.mark.parametrize("said", STORED)
@pytest.mark.parametrize("query", ["simulate=x", "simulate=modal+extension.AAAA.BBBB", "simulate="])
def test_forged_links_change_nothing(place: Place, query: str, said: str) -> None:
    """A forged link gets the usual page, and so does the next visitor."""
    path = place.path(said)
    usual = ask(place.app + path).body
    assert ask(f"{place.cache}{path}?{query}").body == usual
    again = ask(f"{place.cache}{path}?{query}")
    assert (again.cache, again.body) == ("HIT", usual)
    found = ask(place.cache + path)
    assert (found.cache, found.body) == ("MISS" if place.by_query else "HIT", usual)


@pytest.mark.parametrize("said", STORED)
def test_valid_links_are_stored_nowhere(place: Place, said: str) -> None:
    """The preview of a valid link is not shown to others, and the page is stored as before."""
    path = place.path(said)
    usual = ask(place.app + path).body
    link = place.link(path)
    for _ in range(2):
        shown = ask(link)
        assert place.shows(shown.body)
        assert shown.cache == "MISS"
        assert shown.headers["cache-control"] == "private, no-store"
    for cache in ("MISS", "HIT"):
        found = ask(place.cache + path)
        assert (found.cache, found.body) == (cache, usual)


@pytest.mark.parametrize("header", ["X-PJAX", "HX-Request", "X-Requested-With", "User-Agent"])
def test_private_pages_differ(place: Place, header: str) -> None:
    """A page that no shared cache may store is left unchanged only for requests of scripts."""
    path = place.path("private")
    assert ask(place.cache + path, **{header: STRANGE[header]}).body == PAGE.encode()
    assert ask(place.cache + path).body == ask(place.app + path).body
    assert TAG in ask(place.cache + path).body


@pytest.mark.parametrize("strange", ["X-PJAX", "Range", "If-None-Match", "a link"])
def test_revalidation_keeps_the_usual_page(tmp_path: Path, strange: str) -> None:
    """A page that nginx revalidates for an attacker's request stays the usual one."""
    app = detected(pages())
    with served(app) as url, nginx_cache(tmp_path, url, False) as cache:
        place = Place(app.site, url, cache, False, count())
        path = place.path("aging")
        usual = ask(cache + path).body
        asked = place.link(path) if strange == "a link" else cache + path
        headers = {} if strange == "a link" else {strange: STRANGE[strange]}
        until(lambda: ask(asked, **headers).cache == "REVALIDATED", "a revalidation")
        found = ask(cache + path)
        assert (found.cache in ("HIT", "REVALIDATED"), found.body) == (True, usual)
        assert TAG in usual
