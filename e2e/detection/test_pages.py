"""Pages and their views, by what real browsers request: prefetched, prerendered, gone back to."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask, Response
from playwright.sync_api import Page

from bench.matrix.raw import BEFORE, READY, WHERE, RawTab, raw_chromium
from bench.matrix.waiting import until
from detector.analytics.figures import Unheard
from detector.testing.fixtures import OpenPage
from detector.testing.internet import Internet
from e2e.support.newspaper import EMPTY, HOST, URL, Paper, one_page, verdict_of, verdict_on

CLEAN = ["none", "none-firefox"]
PRIVATE = {"Cache-Control": "private"}
NEVER_STORED = {"Cache-Control": "no-store"}


def paper_with(net: Internet, folder: Path, headers: dict[str, str]) -> Paper:
    """Add a site with the pages /, /other and /third, which no shared cache may keep."""

    def more(app: Flask) -> None:
        for name in ("other", "third"):
            app.add_url_rule(
                f"/{name}", name, lambda: Response(EMPTY, mimetype="text/html", headers=headers)
            )

    return one_page(net, folder, headers=headers, setup=more)


def heard(paper: Paper) -> Unheard:
    """Return what is known of the pages that were sent."""
    found = paper.answer().unheard
    assert found is not None
    return found


def requests_of(paper: Paper, path: str) -> list[dict[str, str]]:
    """Return the headers of the requests for a page that have been answered."""
    return [
        dict(r.headers.items()) for r in paper.net.requests
        if r.host == HOST and r.path == path and r.status is not None
    ]  # fmt: skip


def step(page: Page, way: str, path: str) -> None:
    """Go back or forward to a page, whatever the browser has kept of it, and wait for its verdict.

    Playwright itself would wait for an event that a document from memory does not have.
    """
    page.evaluate(f"() => void history.{way}()")
    page.wait_for_function("(path) => location.pathname == path", arg=path)
    verdict_of(page)


@pytest.mark.parametrize("profile", CLEAN)
@pytest.mark.parametrize("headers", [PRIVATE, NEVER_STORED], ids=["private", "no-store"])
def test_back_and_forward(
    open_page: OpenPage, net: Internet, tmp_path: Path, profile: str, headers: dict[str, str]
) -> None:
    """Whatever browsers keep, a page is never heard of more often than it was sent.

    Two pages and six steps back and forward: documents that are shown anew from memory are no
    views, those from the browser's cache are views of no page.
    """
    paper = paper_with(net, tmp_path, headers)
    page = open_page(profile)
    for url in (URL, f"{URL}other"):
        page.goto(url)
        verdict_of(page)
    for _ in range(3):
        step(page, "back", "/")
        step(page, "forward", "/other")
    sent = len(requests_of(paper, "/")) + len(requests_of(paper, "/other"))
    paper.site.count("page", group="/")
    assert (heard(paper).pages, heard(paper).missing) == (sent + 1, 1)


RESTORED = """() => {
  addEventListener("pagehide", () => { window.restored = false; });
  addEventListener("pageshow", (event) => { window.restored = event.persisted; });
}"""


@pytest.mark.parametrize("profile", ["none-firefox"])
def test_a_document_from_memory_is_no_view(
    open_page: OpenPage, net: Internet, tmp_path: Path, profile: str
) -> None:
    """Two pages stay two views, however often the visitor goes back and forward."""
    paper = paper_with(net, tmp_path, PRIVATE)
    page = open_page(profile)
    for url in (URL, f"{URL}other"):
        page.goto(url)
        verdict_of(page)
        page.evaluate(RESTORED)
    for _ in range(3):
        for way, path in (("back", "/"), ("forward", "/other")):
            step(page, way, path)
            page.wait_for_function("() => window.restored")
    page.goto("about:blank")
    paper.wait_for_report(2)
    assert paper.counted("view") == paper.counted("verdict", "clear") == 2
    assert len(paper.reports()) == 2


PREFETCH = """(url) => {
  const link = document.createElement("link");
  link.rel = "prefetch";
  link.href = url;
  document.head.append(link);
}"""
SPECULATE = """(url) => {
  const rules = document.createElement("script");
  rules.type = "speculationrules";
  rules.textContent = JSON.stringify({ prefetch: [{ urls: [url], eagerness: "immediate" }] });
  document.head.append(rules);
}"""
FRAME = """(url) => {
  const frame = document.createElement("iframe");
  frame.src = url;
  document.body.append(frame);
}"""
FETCH = "(url) => void fetch(url)"


@pytest.mark.parametrize(
    "way", [PREFETCH, SPECULATE, FETCH, FRAME], ids=["link", "rules", "fetch", "frame"]
)
def test_what_is_no_page(open_page: OpenPage, net: Internet, tmp_path: Path, way: str) -> None:
    """What is prefetched and never shown, fetched by a script or framed is no page."""
    paper = paper_with(net, tmp_path, PRIVATE)
    page = open_page("none")
    assert verdict_on(page)["state"] == "clear"
    page.evaluate(way, f"{URL}other")
    net.wait_for(lambda _: bool(requests_of(paper, "/other")))
    if way == FRAME:
        net.wait_for(lambda _: paper.counted("view") == 2)
    assert heard(paper) == Unheard(pages=1, missing=0, not_measurable=0, passed=0)
    assert paper.counted("pageless") == int(way == FRAME)


def test_a_prerendered_page(net: Internet, tmp_path: Path) -> None:
    """It is a page and a view once it is shown: before that, neither.

    Without Playwright, under which no page is prerendered.
    """
    paper = paper_with(net, tmp_path, PRIVATE)
    html = EMPTY.replace("</head>", f"{READY}</head>")
    paper.app.view_functions["home"] = lambda: Response(html, mimetype="text/html", headers=PRIVATE)
    untagged = {"Cache-Control": "no-transform"}
    paper.app.add_url_rule("/files/before", "before", lambda: Response(BEFORE, headers=untagged))
    with raw_chromium(None, net) as started:
        tab = started.tab({})
        raw: RawTab = tab.page
        raw.open(f"{URL}files/before")
        until(lambda: raw.goal() == URL, 20, "Chromium prerendered no page within 20 s")
        until(lambda: raw.run(WHERE) == URL, 20, "Chromium did not show the page within 20 s")
        activated = "() => performance.getEntriesByType('navigation')[0].activationStart"
        assert raw.run(activated), (
            "Chromium reloaded the page instead of showing the prerendered one"
        )
        net.wait_for(lambda _: paper.counted("view") == 1)
        tab.close()
    (request,) = requests_of(paper, "/")
    assert "prerender" in request["sec-purpose"]
    assert heard(paper) == Unheard(pages=1, missing=0, not_measurable=0, passed=0)
    assert paper.counted("pageless") == 0
