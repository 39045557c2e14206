"""The samples of docs/how-to/analytics.md do what the page says, run as they stand there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from detector.testing.fixtures import OpenPage
from detector.testing.internet import Internet
from e2e.support.newspaper import URL, one_page, refuse_baits, verdict_of
from tests.support.root import ROOT

TEXT = (ROOT / "docs/how-to/analytics.md").read_text("utf-8")
SAMPLES = dict(
    zip(("manager", "gtag", "matomo"), re.findall(r"```js\n(.+?)```", TEXT, re.S), strict=True)
)
QUEUE = {"manager": "dataLayer", "gtag": "dataLayer", "matomo": "_paq"}
# gtag queues the arguments of a call.
READ = "(name) => (window[name] || []).map((one) => one.event ? one : Array.from(one))"


def wanted(sample: str, state: str, kind: str, *actions: str) -> list[Any]:
    """Return the events that a sample passes on."""
    if sample == "matomo":
        told = [["trackEvent", "Ads", state, kind]]
        return told + [["trackEvent", "Ads notice", action] for action in actions]
    if sample == "gtag":
        first = ["event", "ads_verdict", {"ads_state": state, "ads_kind": kind}]
        return [first, *(["event", "ads_notice", {"ads_action": action}] for action in actions)]
    fields = {"ads_state": state, "ads_kind": kind, "ads_revised": False}
    told_all: list[Any] = [{"event": "ads_verdict", **fields}]
    return told_all + [{"event": "ads_notice", "ads_action": action} for action in actions]


def queued(page: Page, sample: str) -> list[Any]:
    """Return the events that were passed on."""
    found: list[Any] = page.evaluate(READ, QUEUE[sample])
    return found


@pytest.mark.parametrize("sample", SAMPLES)
def test_blocked(open_page: OpenPage, net: Internet, tmp_path: Path, sample: str) -> None:
    """A verdict and actions on the notice are passed on, each once and in order."""
    paper = one_page(net, tmp_path)
    page = open_page("none")
    refuse_baits(page, paper)
    page.add_init_script(f"(() => {{ {SAMPLES[sample]} }})()")
    page.goto(URL)
    page.get_by_role("button", name="How to allow ads").click()
    page.get_by_role("button", name="Not now").click()
    page.wait_for_function("(name) => window[name].length >= 4", arg=QUEUE[sample])
    # Another script requests the verdict again: it is not a second one.
    kind = verdict_of(page)["kind"] or "none"
    actions = ("shown", "steps", "dismissed")
    assert queued(page, sample) == wanted(sample, "blocked", kind, *actions)


@pytest.mark.parametrize("sample", SAMPLES)
def test_late(open_page: OpenPage, net: Internet, tmp_path: Path, sample: str) -> None:
    """A sample that runs after the verdict passes it on too, and nothing before it."""
    one_page(net, tmp_path)
    page = open_page("none")
    page.goto(URL)
    assert verdict_of(page)["state"] == "clear"
    assert queued(page, sample) == []
    page.evaluate(f"() => {{ {SAMPLES[sample]} }}")
    assert queued(page, sample) == wanted(sample, "clear", "none")


def test_consent_is_told() -> None:
    """The page says before its first sample that the visitor's consent is needed first."""
    assert "Only where the visitor has agreed." in TEXT.partition("```js")[0]
