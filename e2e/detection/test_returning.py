"""Pages that opted in to reusing a verdict of clear within a session."""

from __future__ import annotations

from pathlib import Path

import pytest

from detector.testing.fixtures import OpenPage
from detector.testing.internet import Internet
from e2e.support.newspaper import URL, newspaper, refuse_baits, verdict_of

CLEAN = ["none", "none-firefox"]


@pytest.mark.parametrize("profile", CLEAN)
def test_returning_pages_cost_nothing(
    open_page: OpenPage, net: Internet, tmp_path: Path, profile: str
) -> None:
    """A kept verdict is told at once and nothing but the cached preload script is asked for."""
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
    page.goto("about:blank")
    page.goto(f"{URL}culture")
    assert verdict_of(page) == first
    assert [r for r in paper.asked() if not paper.script_seen("preload")] == []
    assert paper.counted("view") == paper.counted("verdict", "clear") == 1


def test_check_again_after_reuse(open_page: OpenPage, net: Internet, tmp_path: Path) -> None:
    """A page with a kept verdict can still be probed again."""
    paper = newspaper(net, tmp_path, reuse_minutes=5)
    page = open_page("none")
    page.goto(URL)
    first = verdict_of(page)
    page.goto(f"{URL}town")
    assert verdict_of(page) == first
    page.evaluate("() => void document.dispatchEvent(new CustomEvent('ads:check'))")
    net.wait_for(lambda _: len([r for r in paper.asked() if ".json?v=" in r.path]) == 2)


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
