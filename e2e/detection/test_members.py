"""Members, whose pages are marked: nothing is looked at, nobody is asked, the view is ad-free."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest
from flask import Flask, g
from playwright.sync_api import Page

from detector.core.assets import script
from detector.testing.fixtures import OpenPage
from detector.testing.internet import Internet
from e2e.support.ad_page import AD_PAGE
from e2e.support.clobbered import SHAPES, Heard, site
from e2e.support.newspaper import EMPTY, URL, Paper, one_page

BROWSERS = ["none", "none-firefox", "ublock-origin"]
MARKED = AD_PAGE.replace("<html ", "<html data-ad-free ")
LISTEN = "document.addEventListener('ads:verdict', () => (window.told = true))"
MARK = "document.documentElement.dataset.adFree = ''; fetch('/marked')"
PRIVATE = {"Cache-Control": "private"}


def nobody_looked(page: Page, paper: Paper, net: Internet) -> None:
    """Visit the page and leave it: a script and a bootstrap were all, and the view is ad-free."""
    page.add_init_script(LISTEN)
    page.goto(URL)
    net.wait_for(lambda one: one.path.partition("?")[0].endswith(".json"))
    paper.wait_until_quiet(page)
    assert page.evaluate("() => window.told") is None
    assert page.evaluate("() => document.querySelectorAll('html > div, html > script').length") == 0
    page.goto("about:blank")
    asked = [one.path.partition("?")[0].rpartition(".")[2] for one in paper.asked()]
    assert asked == ["js", "json"]
    assert (paper.counted("ad-free"), paper.counted("view"), paper.counted("verdict")) == (1, 0, 0)


@pytest.mark.parametrize("browser", BROWSERS)
def test_attribute(open_page: OpenPage, net: Internet, tmp_path: Path, browser: str) -> None:
    """`<html data-ad-free>`, in a page that every cache may keep, under a blocker or not."""
    paper = one_page(net, tmp_path, MARKED, {"Cache-Control": "public, max-age=60"})
    nobody_looked(open_page(browser), paper, net)


@pytest.mark.parametrize("browser", BROWSERS[:2])
def test_view(open_page: OpenPage, net: Internet, tmp_path: Path, browser: str) -> None:
    """`g.ad_free` of a view."""

    def setup(app: Flask) -> None:
        app.before_request(lambda: setattr(g, "ad_free", True))

    paper = one_page(net, tmp_path, AD_PAGE, PRIVATE, setup)
    nobody_looked(open_page(browser), paper, net)


@pytest.mark.parametrize("options", [{"single_page": True}, {"consent": "page"}], ids=str)
def test_with_the_preload_script(
    open_page: OpenPage, net: Internet, tmp_path: Path, options: dict[str, Any]
) -> None:
    """The mark of a view survives where another script comes first."""

    def setup(app: Flask) -> None:
        app.before_request(lambda: setattr(g, "ad_free", True))

    paper = one_page(net, tmp_path, AD_PAGE, PRIVATE, setup, **options)
    page = open_page("none")
    page.goto(URL)
    net.wait_for(lambda one: one.path.partition("?")[0].endswith(".json"))
    paper.wait_until_quiet(page)
    page.goto("about:blank")
    assert (paper.counted("ad-free"), paper.counted("view")) == (1, 0)


@pytest.mark.parametrize("browser", BROWSERS[:2])
def test_mark_that_comes_late(
    open_page: OpenPage, net: Internet, tmp_path: Path, browser: str
) -> None:
    """A page whose script sets the mark after the first probe: no verdict, and nobody is asked."""
    looked, marked = threading.Event(), threading.Event()

    def setup(app: Flask) -> None:
        def mark() -> str:
            assert looked.wait(60)
            return MARK

        def note() -> str:
            marked.set()
            return ""

        app.add_url_rule("/mark.js", "mark", mark)
        app.add_url_rule("/marked", "marked", note)

    html = EMPTY.replace("</body>", "<script src=/mark.js></script></body>")
    paper = one_page(net, tmp_path, html, setup=setup)
    paper.cut_baits()
    inner = paper.app.wsgi_app
    followup = paper.names.script("followup", script("followup").content_hash)

    def in_order(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"].endswith(".json"):
            looked.set()
        if environ["PATH_INFO"].endswith(followup):
            assert marked.wait(60)
        return inner(environ, start_response)

    paper.app.wsgi_app = in_order  # type: ignore[method-assign]
    page = open_page(browser)
    page.add_init_script(LISTEN)
    page.goto(URL)
    net.wait_for(lambda one: one.path.endswith(followup) and one.status == 200)
    page.wait_for_function("() => !document.querySelector('html > script')")
    paper.wait_until_quiet(page)
    assert page.evaluate("() => window.told") is None
    page.goto("about:blank")
    assert not paper.script_seen("notice") and not paper.reports()
    assert (paper.counted("view"), paper.counted("verdict", "blocked")) == (1, 0)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("browser", BROWSERS[:2])
def test_content_cannot_mark_the_page(
    open_page: OpenPage, net: Internet, tmp_path: Path, browser: str, shape: str
) -> None:
    """Names and ids in a comment, and data attributes of its elements, are no mark of the page."""
    content = "".join(SHAPES[shape](name) for name in ("documentElement", "dataset", "adFree"))
    paper = site(net, tmp_path, f"{content}<p data-ad-free id='adFree'>x</p>")
    heard = Heard(open_page(browser), net)
    assert heard.open() == "clear"
    assert paper.counted("ad-free") == 0
