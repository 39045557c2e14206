"""If a file of the notice fails to load, the page is unchanged and the verdict is counted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from detector.core.assets import script
from detector.testing.fixtures import OpenPage
from detector.testing.internet import Internet
from e2e.support.newspaper import URL, Paper, one_page, verdict_of, watch_console

BODY = """<h1>Page</h1><div class="place" data-place=""></div>
<template id="ours"><p>Our own words</p><button data-part="how"></button></template>"""
PAGE = f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Page</title>
<style>.place {{ height: 250px }}</style><link rel="icon" href="data:,"></head><body>{BODY}</body>
</html>"""
BUNDLES: dict[str, dict[str, Any]] = {
    "notice": {},
    "plus": {"notice": "slot", "slots": "[data-place]"},
    "own": {"template": "#ours"},
}
TEXTS = "texts"


def file_of(paper: Paper, what: str) -> str:
    """Return the name of one of the scripts, or of the notice's texts."""
    return (
        paper.names.texts if what == TEXTS else paper.names.script(what, script(what).content_hash)
    )


def fail(page: Page, paper: Paper, what: str, how: str) -> None:
    """Answer requests for one file with a status or a wrong body, or not at all.

    No other request is routed: routed ones stall while no call of Playwright is waiting.
    """

    def decide(route: Route) -> None:
        if how == "404":
            route.fulfill(status=404, body="no")
        elif how == "a page instead":
            route.fulfill(status=200, content_type="text/html", body="<!doctype html><p>Log in")
        else:
            route.abort(how)

    page.route(f"**/{file_of(paper, what)}*", decide)


def reported(page: Page, paper: Paper) -> None:
    """Wait until the page is complete and its report has arrived."""
    paper.wait_until_quiet(page)
    paper.wait_for_report()


@pytest.mark.parametrize(
    ("bundle", "what", "how"),
    [
        ("notice", "script", "404"),
        ("notice", "script", "connectionrefused"),
        ("notice", TEXTS, "404"),
        ("notice", TEXTS, "connectionrefused"),
        ("notice", TEXTS, "a page instead"),
        *((bundle, what, "blockedbyclient") for bundle in BUNDLES for what in ("script", TEXTS)),
    ],
)
def test_missing_file(
    open_page: OpenPage, net: Internet, tmp_path: Path, bundle: str, what: str, how: str
) -> None:
    """Without its script or its texts there is no notice and no error, and all else works."""
    paper = one_page(net, tmp_path, PAGE, **BUNDLES[bundle])
    page = open_page("none")
    paper.cut_baits()
    missed = TEXTS if what == TEXTS else bundle
    fail(page, paper, missed, how)
    messages = watch_console(page)
    with page.expect_request(lambda request: file_of(paper, missed) in request.url):
        page.goto(URL)
    assert verdict_of(page)["state"] == "blocked"
    reported(page, paper)
    assert page.evaluate("() => document.body.innerHTML").strip() == BODY
    expect(page.locator(".card")).to_have_count(0)
    assert paper.counted("verdict", "blocked") == 1
    assert paper.counted("shown", "blocked") == 0
    # The browser itself logs a failed request, and a page instead of a script.
    assert [text for text in messages if "Failed to load" not in text] == []


def test_second_script_missing(open_page: OpenPage, net: Internet, tmp_path: Path) -> None:
    """Without the script that finds the kind the verdict is still available and counted."""
    paper = one_page(net, tmp_path, PAGE)
    page = open_page("none")
    paper.cut_baits()
    fail(page, paper, "followup", "blockedbyclient")
    page.goto(URL)
    verdict = verdict_of(page)
    assert (verdict["state"], verdict["kind"]) == ("blocked", None)
    reported(page, paper)
    assert paper.counted("verdict", "blocked") == 1
    assert page.evaluate("() => document.body.innerHTML").strip() == BODY
