"""`detector serve` behind real nginx and Caddy servers, with a static page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from detector.core.vocabulary import STATES
from detector.testing.fixtures import OpenPage
from detector.testing.internet import Internet
from e2e.servers.test_demo_command import as_a_person
from e2e.support.newspaper import HOST, URL, verdict_of, watch_console
from tests.support.serving import stats
from tests.support.static_site import PROXIES, StaticSite


@pytest.fixture(params=PROXIES)
def site(request: pytest.FixtureRequest, net: Internet, tmp_path: Path) -> Iterator[StaticSite]:
    """Start the example behind a proxy, with a host name of the test internet."""
    with StaticSite(request.param, tmp_path, HOST) as site:
        net.forward(HOST, "127.0.0.1", site.port)
        yield site


def test_blocked_and_clear(site: StaticSite, open_page: OpenPage, net: Internet) -> None:
    """With uBlock Origin the notice is shown, without it not, and both are counted at the end."""
    blocked = as_a_person(open_page("ublock-origin"))
    blocked.goto(URL)
    assert verdict_of(blocked)["state"] == "blocked"
    expect(blocked.get_by_role("region", name="Adblock Detected")).to_be_in_viewport(ratio=1)
    clear = as_a_person(open_page("none-firefox"))
    messages = watch_console(clear)
    clear.goto(URL)
    assert verdict_of(clear)["state"] == "clear"
    expect(clear.get_by_role("region", name="Adblock Detected")).to_have_count(0)
    clear.goto("about:blank")
    net.wait_for(lambda _: [r.status for r in net.seen(host=HOST, method="POST")] == [204] * 3)
    assert messages == []
    site.stop()
    counted = stats(site.store)
    assert counted["refused"] == {} and counted["views"] == 2
    assert counted["verdicts"] == dict(zip(STATES, (1, 0, 1, 0, 0), strict=True))
    assert counted["actions"]["shown"] == 1
