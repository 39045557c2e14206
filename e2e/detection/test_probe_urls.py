"""The owner's ad URLs are requested only on pages without ads of their own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from detector.testing.fixtures import OpenPage
from detector.testing.internet import Internet
from e2e.support.newspaper import HOST, newspaper, one_page, state_on, verdict_on

CLEAN = ["none", "none-firefox"]
AD_HOST = "securepubads.g.doubleclick.net"
NAMED: dict[str, Any] = {"probe_urls": [f"https://{AD_HOST}/tag/js/gpt.js"]}


@pytest.mark.parametrize("profile", CLEAN)
def test_ads_arrive(open_page: OpenPage, net: Internet, tmp_path: Path, profile: str) -> None:
    """A configured host that answers makes the ads signal clear: one GET, without cookies."""
    one_page(net, tmp_path, **NAMED)
    page = open_page(profile)
    found = verdict_on(page)
    assert (found["state"], found["signals"]["ads"]) == ("clear", "clear")
    asked = [r for r in net.requests if r.host == AD_HOST]
    assert [r.method for r in asked] == ["GET"]
    assert not {"cookie", "referer"} & {name.lower() for name in asked[0].headers}


@pytest.mark.parametrize("profile", CLEAN)
def test_ads_do_not_arrive(
    open_page: OpenPage, net: Internet, tmp_path: Path, profile: str
) -> None:
    """A configured host that fails is unreachable, of the kind network."""
    paper = one_page(net, tmp_path, **NAMED)
    net.dead(AD_HOST)
    page = open_page(profile)
    found = verdict_on(page)
    assert (found["state"], found["kind"]) == ("unreachable", "network")
    paper.report_of(page)
    assert paper.counted("verdict", "unreachable") == 1


@pytest.mark.parametrize("profile", CLEAN)
def test_policy_refuses(open_page: OpenPage, net: Internet, tmp_path: Path, profile: str) -> None:
    """If the page's own policy refuses the request, it has no effect."""
    policy = {"Content-Security-Policy": "connect-src 'self'"}
    one_page(net, tmp_path, headers=policy, **NAMED)
    found = verdict_on(open_page(profile))
    assert (found["state"], found["signals"]["ads"]) == ("clear", "unknown")


def test_page_with_ads(open_page: OpenPage, net: Internet, tmp_path: Path) -> None:
    """If the page's own ads decide, the configured hosts get no request."""
    newspaper(net, tmp_path, early_ads=True, probe_urls=["https://ads.named.example/lib.js"])
    assert verdict_on(open_page("none"))["signals"]["ads"] == "clear"
    assert not net.seen("ads.named.example")


def test_nobody_by_default(open_page: OpenPage, net: Internet, tmp_path: Path) -> None:
    """Without the option the detector requests only the site's own host."""
    one_page(net, tmp_path)
    assert state_on(open_page("none")) == "clear"
    assert {r.host for r in net.requests} == {HOST}
