"""The README's commands, run as a new user does: `detector demo`, then `detector stats`."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from playwright.sync_api import Page, expect

from detector.core.vocabulary import STATES
from detector.testing.fixtures import OpenPage
from detector.testing.internet import Internet
from e2e.support.demo import COMMAND, Demo
from e2e.support.newspaper import HOST, URL, verdict_of


def as_a_person(page: Page) -> Page:
    """Hide that the browser is automated: robots get no notice."""
    page.add_init_script("Object.defineProperty(Navigator.prototype, 'webdriver', {value: false})")
    return page


def test_demo_and_stats(demo: Demo, open_page: OpenPage, net: Internet, tmp_path: Path) -> None:
    """With uBlock Origin the notice is shown, without it not, and both are counted at the end."""
    blocked = as_a_person(open_page("ublock-origin"))
    blocked.goto(URL)
    notice = blocked.get_by_role("region", name="Adblock Detected")
    expect(notice).to_be_in_viewport(ratio=1)
    clear = as_a_person(open_page("none-firefox"))
    clear.goto(URL)
    assert verdict_of(clear)["state"] == "clear"
    expect(clear.get_by_role("region", name="Adblock Detected")).to_have_count(0)
    clear.goto("about:blank")
    net.wait_for(lambda _: [r.status for r in net.seen(host=HOST, method="POST")] == [204] * 3)
    demo.process.terminate()
    assert demo.process.wait(20) == 0
    stats = [*COMMAND, "stats", "--db", str(tmp_path / "demo.sqlite"), "--json"]
    found = json.loads(subprocess.run(stats, capture_output=True, check=True, text=True).stdout)
    assert found["refused"] == {}
    assert found["views"] == 2
    assert found["verdicts"] == dict(zip(STATES, (1, 0, 1, 0, 0), strict=True))
    assert found["kinds"]["extension"] == 1
    assert found["actions"]["shown"] == 1


def test_demo_at_its_own_address(demo: Demo, open_page: OpenPage) -> None:
    """At 127.0.0.1, where lists hide no elements, uBlock Origin is found by requests alone."""
    page = as_a_person(open_page("ublock-origin"))
    page.goto(demo.address)
    assert verdict_of(page)["state"] == "blocked"
    expect(page.get_by_role("region", name="Adblock Detected")).to_be_in_viewport(ratio=1)
