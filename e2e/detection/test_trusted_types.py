"""Pages that require Trusted Types: right if the detector's policy is allowed, else unchanged."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from detector.testing.fixtures import OpenPage
from detector.testing.internet import Internet
from e2e.support.newspaper import URL, newspaper, one_page, refuse_baits, verdict_of, watch_console

CLEAN = ["none", "none-firefox"]
REQUIRED = "require-trusted-types-for 'script'"


@pytest.mark.parametrize("profile", CLEAN)
@pytest.mark.parametrize("policy", [REQUIRED, f"{REQUIRED}; trusted-types ads"])
@pytest.mark.parametrize("minutes", [0, 5])
def test_clear(
    open_page: OpenPage, net: Internet, tmp_path: Path, profile: str, policy: str, minutes: int
) -> None:
    """The scripts are loaded by one policy, called ads, without a message."""
    headers = {"Content-Security-Policy": policy}
    one_page(net, tmp_path, headers=headers, reuse_minutes=minutes)
    page = open_page(profile)
    messages = watch_console(page)
    page.goto(URL)
    assert verdict_of(page)["state"] == "clear"
    assert messages == []


def test_notice(open_page: OpenPage, net: Internet, tmp_path: Path) -> None:
    """The notice is loaded by the same policy."""
    headers = {"Content-Security-Policy": f"{REQUIRED}; trusted-types ads"}
    paper = one_page(net, tmp_path, headers=headers)
    page = open_page("none")
    refuse_baits(page, paper)
    page.goto(URL)
    expect(page.get_by_role("button", name="Not now")).to_be_visible()


def test_policy_of_other_names(open_page: OpenPage, net: Internet, tmp_path: Path) -> None:
    """If only other policies are allowed the page has no tag and no message."""
    headers = {"Content-Security-Policy": f"{REQUIRED}; trusted-types app"}
    paper = one_page(net, tmp_path, headers=headers)
    page = open_page("none")
    messages = watch_console(page)
    page.goto(URL)
    assert paper.names.prefix not in page.content()
    assert messages == []


def test_elsewhere(open_page: OpenPage, net: Internet, tmp_path: Path) -> None:
    """A page without such a requirement works as usual, and keeps its own policies."""
    newspaper(net, tmp_path)
    page = open_page("none")
    page.goto(URL)
    assert verdict_of(page)["state"] == "clear"
    made = "() => window.trustedTypes.createPolicy('ads', { createHTML: String }).name"
    assert page.evaluate(made) == "ads"
