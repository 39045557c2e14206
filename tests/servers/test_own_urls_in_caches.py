"""The detector's own URLs through shared caches: nobody gets what another visitor has asked for."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from detector.core.assets import script as built
from detector.core.served_names import letters
from detector.core.site import Site
from tests.support.caches import Answer, Start, ask, nginx_cache, only_private, varnish
from tests.support.deployed import detected, news, served
from tests.support.tags import script

CACHES: dict[str, Start] = {"nginx": nginx_cache, "varnish": varnish, "private": only_private}
FIRST = {
    "GET": {},
    "HEAD": {},
    "Range": {"Range": "bytes=0-5"},
    "If-None-Match": {"If-None-Match": "*"},
    "If-Modified-Since": {"If-Modified-Since": "Thu, 01 Oct 2037 10:00:00 GMT"},
    "X-Forwarded-Host": {"X-Forwarded-Host": "evil.example"},
    "a robot": {"User-Agent": "Googlebot/2.1"},
    "a prefetch": {"Sec-Purpose": "prefetch"},
    "another page's": {"Sec-Fetch-Site": "cross-site"},
}
ENCODINGS = ("", "gzip", "br", "identity", "gzip;q=0", "deflate, gzip, br, zstd", "nonsense")


class Place(NamedTuple):
    """A site, a cache whose key has no query in front of it, and how to ask it."""

    site: Site
    cache: str
    numbers: Iterator[int]

    @property
    def folder(self) -> str:
        """Return the address of the detector's folder, behind the cache."""
        return f"{self.cache}/{self.site.names.prefix}"

    def visitor(self) -> tuple[str, str]:
        """Return the address of the next visitor's bootstrap, and the id of his view."""
        src, token = script(ask(self.cache + "/").body.decode())
        view = f"{next(self.numbers):020}"
        return f"{self.cache}{src}on?v={view}&p={token}&w=false", view

    def begin(self) -> dict[str, Any]:
        """Begin a view; returns the bootstrap, which is of that view."""
        address, view = self.visitor()
        answer = ask(address)
        told: dict[str, Any] = json.loads(answer.body)
        assert (answer.status, answer.cache, told["v"]) == (200, "MISS", view)
        return told


@pytest.fixture(scope="module", params=CACHES)
def place(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Place]:
    """Run a site behind each cache, which leaves queries out of its key."""
    folder: Path = tmp_path_factory.mktemp(request.param)
    app = detected(news(), proxies=1, store=str(folder / "db"))
    with served(app) as url, CACHES[request.param](folder, url, False) as cache:
        yield Place(app.site, cache, count())
    app.site.close()


def readable(answer: Answer) -> bytes:
    """Return a body, unpacked if it is compressed."""
    packed = answer.headers.get("content-encoding") == "gzip"
    return gzip.decompress(answer.body) if packed else answer.body


@pytest.mark.parametrize("first", FIRST)
def test_bootstrap_is_of_its_view(place: Place, first: str) -> None:
    """Whatever the first request for a bootstrap was, the next visitors get their own."""
    address, _ = place.visitor()
    ask(address, "HEAD" if first == "HEAD" else "GET", **FIRST[first])
    assert len({place.begin()["t"] for _ in range(3)}) == 3


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_baits_are_of_their_view(place: Place, method: str) -> None:
    """A bait proves the view that asks for it, not one that has asked before."""
    _, _, bait, _ = place.begin()["b"][0]
    asked = [f"{place.folder}/{bait}{place.begin()['t']}" for _ in range(2)]
    found = [ask(address, method) for address in asked]
    assert [one.cache for one in found] == ["MISS", "MISS"]
    assert len({(one.headers["content-type"], one.body) for one in found}) == 2


def test_texts_are_in_the_readers_language(place: Place) -> None:
    """The notice's texts are those of each reader's language, whoever asked first."""
    address = f"{place.folder}/{place.begin()['c']}?m=corner&i=unsure&y=&s=1&l="
    texts = [ask(address, Accept_Language=language) for language in ("de", "fr", "de")]
    assert [one.cache for one in texts] == ["MISS"] * 3
    assert texts[0].body == texts[2].body != texts[1].body


@pytest.mark.parametrize("path", ["nothing.js", "report"])
def test_errors_are_not_stored(place: Place, path: str) -> None:
    """Nobody can store an error under one of our addresses."""
    path = place.site.names.report if path == "report" else path
    for _ in range(2):
        answer = ask(f"{place.folder}/{path}")
        assert (answer.status in (404, 405), answer.cache) == (True, "MISS")


@pytest.mark.parametrize("first", ENCODINGS)
def test_every_reader_can_unpack_the_script(place: Place, first: str) -> None:
    """Whatever encodings the first request accepts, the script is stored and readable for all."""
    # An address of its own for each: the names of other versions are answered too.
    version = letters(first.encode(), 8)
    own = f"{place.folder}/{place.site.names.script('detect', version)}"
    whole = built("detect").body
    for accepted in (first, *ENCODINGS, *ENCODINGS):
        answer = ask(own, **({"Accept-Encoding": accepted} if accepted else {}))
        packed = answer.headers.get("content-encoding")
        assert packed is None or (packed in accepted and readable(answer) == whole), accepted
        assert packed is not None or answer.body == whole


@pytest.mark.parametrize("header", ["Range", "HEAD", "If-None-Match", "X-Forwarded-Host"])
def test_the_script_stays_whole(place: Place, header: str) -> None:
    """After a request for a part of the script or for its headers, others get it whole."""
    address = f"{place.folder}/{place.site.tagger.file()}"
    usual = ask(address)
    strange = {} if header == "HEAD" else {header: FIRST[header][header]}
    ask(f"{address}?{header}", "HEAD" if header == "HEAD" else "GET", **strange)
    found = ask(address)
    assert (found.status, found.body) == (200, usual.body)
    assert found.headers["cache-control"] == "public, max-age=31536000, immutable"
