"""Pages that opted in to reusing a verdict of clear within a session."""

from __future__ import annotations

from pathlib import Path

import pytest

from detector.testing.fixtures import OpenPage
from detector.testing.internet import Internet
from detector.testing.messages import Request
from e2e.support.newspaper import (
    URL,
    Paper,
    newspaper,
    one_page,
    refuse_baits,
    state_on,
    verdict_of,
)

CLEAN = ["none", "none-firefox"]


@pytest.mark.parametrize("profile", CLEAN)
def test_returning_pages_cost_one_request(
    open_page: OpenPage, net: Internet, tmp_path: Path, profile: str
) -> None:
    """A kept verdict is told at once, and the view is counted as clear by its bootstrap alone."""
    paper = newspaper(net, tmp_path, early_ads=True, reuse_minutes=5)
    page = open_page(profile)
    page.goto(URL)
    first = verdict_of(page)
    assert (first["state"], first["signals"]["ads"]) == ("clear", "clear")
    page.goto("about:blank")
    paper.wait_for_report()
    net.clear_log()
    page.goto(f"{URL}town")
    assert verdict_of(page) == first
    wait_for_views(paper, 1)
    page.goto(f"{URL}culture")
    assert verdict_of(page) == first
    wait_for_views(paper, 2)
    assert [r for r in paper.asked() if r not in begun(paper) and ".js" not in r.path] == []
    assert not paper.script_seen("detect")
    assert paper.counted("view") == paper.counted("verdict", "clear") == 3


def test_one_blocker_among_three_visitors(
    open_page: OpenPage, net: Internet, tmp_path: Path
) -> None:
    """Five pages each: a third of the views is blocked, and each page is heard of.

    Two visitors reuse their verdict of clear; the blocker is the real uBlock Origin.
    """
    paper = one_page(net, tmp_path, headers={"Cache-Control": "private"}, reuse_minutes=5)
    for number, profile in enumerate(("ublock-origin", *CLEAN)):
        page = open_page(profile)
        states = []
        for _ in range(5):
            states.append(state_on(page))
            wait_for_views(paper, number * 5 + len(states))
        assert states == ["blocked" if number == 0 else "clear"] * 5
        page.goto("about:blank")
        paper.wait_for_report(5 + number)
    answer = paper.answer()
    blocked = answer.total.state("blocked")
    assert (blocked.part, blocked.whole, answer.total.views) == (5, 15, 15)
    assert answer.unheard is not None
    assert (answer.unheard.missing, answer.unheard.pages) == (0, 15)


def test_views_won_back_are_reused_too(open_page: OpenPage, net: Internet, tmp_path: Path) -> None:
    """Each page of a visitor who has allowed ads counts as won back, reused or not."""
    paper = one_page(net, tmp_path, reuse_minutes=5)
    page = open_page("none")
    assert state_on(page) == "clear"
    page.evaluate("(key) => localStorage.setItem(key, '0 0 0 ae')", paper.names.storage_key)
    for number in (2, 3):
        assert state_on(page) == "clear"
        wait_for_views(paper, number)
    page.goto("about:blank")
    paper.wait_for_report()
    assert paper.counted("recovered", "", "kind", "extension") == 3


def begun(paper: Paper) -> list[Request]:
    """Return the bootstraps, in order."""
    return [r for r in paper.asked() if ".json?v=" in r.path]


def wait_for_views(paper: Paper, number: int) -> None:
    """Wait until this many bootstraps have been answered, and thus counted."""
    paper.net.wait_for(lambda _: sum(r.status is not None for r in begun(paper)) >= number)


def test_check_again_after_reuse(open_page: OpenPage, net: Internet, tmp_path: Path) -> None:
    """A page with a kept verdict can still be probed again."""
    paper = newspaper(net, tmp_path, reuse_minutes=5)
    page = open_page("none")
    page.goto(URL)
    first = verdict_of(page)
    page.goto(f"{URL}town")
    assert verdict_of(page) == first
    page.evaluate("() => void document.dispatchEvent(new CustomEvent('ads:check'))")
    # That of the reused view, and the one that probes, which has no page of its own.
    wait_for_views(paper, 3)
    assert (paper.counted("view"), paper.counted("pageless")) == (3, 1)


def test_blocked_is_never_reused(open_page: OpenPage, net: Internet, tmp_path: Path) -> None:
    """A blocked visitor is probed on each page, and a blocker ends a kept verdict."""
    paper = newspaper(net, tmp_path, reuse_minutes=5)
    page = open_page("none")
    refuse_baits(page, paper)
    for _ in range(2):
        page.goto(URL)
        assert verdict_of(page)["state"] == "blocked"
    assert paper.counted("view") == 2
    # The notice stores there that it was shown; a verdict is not kept.
    kept = set(page.evaluate("() => Object.keys(sessionStorage)"))
    assert kept <= {paper.names.storage_key}
