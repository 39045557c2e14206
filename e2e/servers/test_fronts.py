"""Whole visits through real servers in front of a site: HTTP/2 and HTTP/3, caches, compression."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import load_pem_x509_certificate
from playwright.sync_api import Browser, Page, Playwright, Response, Route, expect

from detector.analytics.query import Summary, summary
from detector.core.counting.store_url import open_store
from detector.core.site import Site
from detector.testing.browsers import CHROMIUM, BrowserMissing, chromium_args
from detector.testing.fixtures import OpenPage
from detector.testing.internet import Internet
from detector.testing.machine import missing
from e2e.support.newspaper import HOST, URL, newspaper, verdict_of
from tests.support.caches import varnish
from tests.support.deployed import detected, news, served
from tests.support.fronts import FRONTS, Certificate
from tests.support.servers import until

PROTOCOLS = {
    "nginx": "h2",
    "apache and ModSecurity": "h2",
    "haproxy, PROXY, varnish": "h2",
    "caddy": "h3",
}


@contextmanager
def chromium(playwright: Playwright, certificate: Certificate, port: int) -> Iterator[Browser]:
    """Start a Chromium that reaches the front alone, trusts its certificate, and may use HTTP/3."""
    key = load_pem_x509_certificate(certificate.pem.read_bytes()).public_key()
    told = hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
    args = [one for one in chromium_args() if one != "--disable-quic"]
    args += [
        f"--ignore-certificate-errors-spki-list={base64.b64encode(told.digest()).decode()}",
        f"--host-resolver-rules=MAP {HOST} 127.0.0.1, MAP * ~NOTFOUND",
        f"--origin-to-force-quic-on={HOST}:{port}",
    ]
    try:
        browser = playwright.chromium.launch(executable_path=CHROMIUM.find(), args=args)
    except BrowserMissing as error:
        missing(error)
    try:
        yield browser
    finally:
        browser.close()


def block(page: Page, site: Site) -> None:
    """Stop the baits, as a blocker does: an emulation by Playwright."""
    folder = f"/{site.names.prefix}/"

    def decide(route: Route) -> None:
        path = route.request.url.partition("?")[0].partition(folder)[2]
        bait = site.baits[site.names.prefix].find(path)
        route.abort() if bait and not bait.control else route.continue_()

    page.route(f"**{folder}**", decide)


def counted(site: Site) -> Summary:
    """Return what the site has counted."""
    assert site.flusher is not None and site.flusher.flush()
    store = open_store(site.config.store, readonly=True)
    try:
        return summary(store)
    finally:
        store.close()


def protocols(page: Page) -> set[str]:
    """Return the protocols of a page and of all that it has loaded."""
    entries = "[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType"
    found = page.evaluate(entries + "('resource')].map((entry) => entry.nextHopProtocol)")
    return {one for one in found if one}


@pytest.mark.parametrize("name", PROTOCOLS)
def test_blocked_and_clear(playwright: Playwright, tmp_path: Path, name: str) -> None:
    """One visitor is asked, the next, whose page may come from a cache, is not; both count once."""
    front, certificate = FRONTS[name], Certificate(tmp_path)
    options = {"treat_bots_as_people": True, "from_view": 1, "proxies": front.proxies}
    app = detected(news(), store=str(tmp_path / "db"), **options)
    with (
        served(app) as url,
        front.start(tmp_path, url, certificate) as port,
        chromium(playwright, certificate, port if PROTOCOLS[name] == "h3" else 0) as browser,
    ):
        address = f"https://{HOST}:{port}/article/one"
        blocked = browser.new_page()
        block(blocked, app.site)
        blocked.goto(address)
        assert verdict_of(blocked)["state"] == "blocked"
        notice = blocked.get_by_role("region", name="Adblock Detected")
        expect(notice).to_be_in_viewport(ratio=1)
        assert protocols(blocked) == {PROTOCOLS[name]}
        clear = browser.new_context().new_page()
        answer = clear.goto(address)
        assert isinstance(answer, Response)
        assert answer.headers.get("content-encoding", "") == front.packs
        assert not front.stores or answer.headers["x-cache"] == "HIT"
        assert verdict_of(clear)["state"] == "clear"
        expect(clear.get_by_role("region", name="Adblock Detected")).to_have_count(0)
        clear.goto("about:blank")
        until(lambda: counted(app.site).verdict_count == 2, "the second verdict")
        found = counted(app.site)
    app.site.close()
    assert (found.verdicts["blocked"], found.verdicts["clear"], found.views) == (1, 1, 2)
    assert found.actions["shown"] == 1
    assert (found.refused, found.errors) == ({}, 0)


def test_a_stored_page_under_ublock_origin(
    open_page: OpenPage, net: Internet, tmp_path: Path
) -> None:
    """Of two visitors who get the same page from Varnish, the one with uBlock Origin is asked."""
    paper = newspaper(net, tmp_path, from_view=1, proxies=1)
    with served(paper.app.wsgi_app) as url, varnish(tmp_path, url, True) as cache:
        net.forward(HOST, "127.0.0.1", int(cache.rpartition(":")[2]))
        clear = open_page("none-firefox")
        first = clear.goto(URL)
        assert verdict_of(clear)["state"] == "clear"
        clear.goto("about:blank")
        paper.wait_for_report(1)
        blocked = open_page("ublock-origin")
        second = blocked.goto(URL)
        assert verdict_of(blocked)["state"] == "blocked"
        notice = blocked.get_by_role("region", name="Adblock Detected")
        expect(notice).to_be_in_viewport(ratio=1)
        paper.wait_for_report(3)
        assert first is not None and second is not None
        assert (first.headers["x-cache"], second.headers["x-cache"]) == ("MISS", "HIT")
    assert paper.counted("verdict", "clear") == paper.counted("verdict", "blocked") == 1
    assert paper.counted("shown", "blocked") == 1
    assert paper.counted("refused") == 0
