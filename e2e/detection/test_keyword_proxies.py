"""Devices on the way that answer for ad-like paths: nobody is accused, and the kind is right."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page

from detector.testing.fixtures import OpenPage
from detector.testing.internet import Internet
from e2e.support.newspaper import HOST, URL, Paper, newspaper, one_page, verdict_of
from tests.support.deployed import served
from tests.support.privoxy import STOPS, privoxy

CLEAN = ["none", "none-firefox"]
SCHEMES = ["https", "http"]
PAGE = b"<!doctype html><title>Stopped</title><h1>Your network does not allow this address</h1>"
FOREIGN = [("Location", "https://stopped.example/why")]
ANSWERS: dict[str, tuple[str, list[tuple[str, str]], bytes]] = {
    "page": ("200 OK", [("Content-Type", "text/html")], PAGE),
    "no content": ("204 No Content", [], b""),
    "redirect away": ("302 Found", FOREIGN, b""),
    "redirect here": ("302 Found", [("Location", "/")], b""),
    "forbidden": ("403 Forbidden", [("Content-Type", "text/html")], PAGE),
    "unavailable": ("503 Service Unavailable", [("Content-Type", "text/html")], PAGE),
}


def visit(page: Page, scheme: str) -> tuple[str, str | None]:
    """Visit the site and return the state and kind of the view."""
    page.goto(f"{scheme}://{HOST}/")
    assert page.evaluate("location.protocol") == f"{scheme}:"
    found = verdict_of(page)
    return found["state"], found["kind"]


def nobody_was_asked(paper: Paper, page: Page, views: int = 1) -> None:
    """Check that all views were counted, and that no notice was loaded for them."""
    page.goto("about:blank")
    paper.wait_for_report(views)
    assert not paper.script_seen("notice")
    assert paper.counted("verdict", "blocked") == paper.counted("shown", "blocked") == 0


@pytest.mark.parametrize("profile", CLEAN)
@pytest.mark.parametrize("answer", ANSWERS)
def test_device_answers(
    open_page: OpenPage, net: Internet, tmp_path: Path, answer: str, profile: str
) -> None:
    """Whatever a device answers for baits, even for all of them: it is the network."""
    paper = newspaper(net, tmp_path)
    paper.refuse_baits(*ANSWERS[answer])
    page = open_page(profile)
    for views, scheme in enumerate(SCHEMES, 1):
        assert visit(page, scheme) == ("unreachable", "network")
        nobody_was_asked(paper, page, views)
    assert paper.counted("verdict", "unreachable", "kind", "network") == 2


@pytest.mark.parametrize("profile", CLEAN)
def test_device_cuts_one(open_page: OpenPage, net: Internet, tmp_path: Path, profile: str) -> None:
    """A device that cuts the bait of one word looks like a rule of a list: one is not enough."""
    paper = newspaper(net, tmp_path)
    word = paper.choice().requests[0][0].path.partition("?")[0]
    net.cut(HOST, lambda request: word in request.path)
    page = open_page(profile)
    for views, scheme in enumerate(SCHEMES, 1):
        assert visit(page, scheme) == ("unknown", None)
        nobody_was_asked(paper, page, views)


@pytest.mark.parametrize("profile", CLEAN)
def test_device_answers_one_and_cuts_another(
    open_page: OpenPage, net: Internet, tmp_path: Path, profile: str
) -> None:
    """One bait answered by a device and another cut: the network."""
    paper = newspaper(net, tmp_path)
    first, second = (bait.path.partition("?")[0] for bait, _ in paper.choice().requests[:2])
    net.cut(HOST, lambda request: first in request.path)
    paper.answer_before(lambda path: path.endswith(second), *ANSWERS["page"])
    page = open_page(profile)
    assert visit(page, "https") == ("unreachable", "network")
    nobody_was_asked(paper, page)


@pytest.mark.parametrize("profile", CLEAN)
@pytest.mark.parametrize("status", STOPS)
def test_privoxy(
    open_page: OpenPage, net: Internet, tmp_path: Path, status: str, profile: str
) -> None:
    """A real Privoxy with words of two baits: the network, over plain http and inspected TLS."""
    paper = newspaper(net, tmp_path)
    words = [re.escape(bait.path.partition("?")[0]) for bait, _ in paper.choice().requests[:2]]
    page = open_page(profile)
    with served(paper.app.wsgi_app) as url, privoxy(url, status, words) as port:
        net.forward(HOST, "127.0.0.1", port)
        for views, scheme in enumerate(SCHEMES, 1):
            assert visit(page, scheme) == ("unreachable", "network")
            nobody_was_asked(paper, page, views)
        stopped = [r for r in paper.asked() if str(r.status) == status and r.method == "HEAD"]
        assert len(stopped) == 4


def test_blocker_behind_a_device(open_page: OpenPage, net: Internet, tmp_path: Path) -> None:
    """The real uBlock Origin behind a device that answers a bait is still blocked: an extension."""
    paper = newspaper(net, tmp_path)
    word = paper.choice().requests[0][0].path.partition("?")[0]
    paper.answer_before(lambda path: path.endswith(word), *ANSWERS["page"])
    page = open_page("ublock-origin")
    for scheme in SCHEMES:
        assert visit(page, scheme) == ("blocked", "extension")


def test_head_with_our_proof_is_no_device(
    open_page: OpenPage, net: Internet, tmp_path: Path
) -> None:
    """A blocker of scripts and images alone lets HEAD pass; our proof in it shows who answers."""
    paper = one_page(net, tmp_path)
    baits = paper.site.baits[paper.names.prefix]
    # Playwright's emulation of such a blocker.
    page = open_page("none")
    page.route(
        lambda url: bool(
            (found := baits.find(url.partition("?")[0].partition(f"/{paper.names.prefix}/")[2]))
            and not found.control
        ),
        lambda route: route.continue_() if route.request.method == "HEAD" else route.abort(),
    )
    page.goto(URL)
    found = verdict_of(page)
    assert (found["state"], found["kind"]) == ("blocked", "extension")
    assert any(r.method == "HEAD" and r.status == 200 for r in paper.asked())
