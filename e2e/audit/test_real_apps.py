"""An audit of real open-source apps with the detector: blockers are found, nothing is broken."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Playwright

from detector.audit.runner import audit
from detector.testing.blockers import BrowserMissing, Options, ready
from detector.testing.internet import Internet
from detector.testing.machine import missing
from e2e.support.apps.running import APPS, RealApp

STATES = {"ublock-origin": "blocked", "easylist": "blocked", "dns": "clear"}
"""What the detector says under each: without an ad there is nothing that a network could stop."""


@pytest.fixture(scope="module")
def apps(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, RealApp]]:
    """Start all of them at once, each with a host name of its own."""
    started = {
        f"{about.name.partition('_')[0]}.example": RealApp(about, tmp_path_factory.mktemp("app"))
        for about in APPS
    }
    try:
        for app in started.values():
            app.wait()
        yield started
    finally:
        for app in started.values():
            app.stop()


@pytest.mark.timeout(300)
def test_nothing_breaks(
    apps: dict[str, RealApp],
    net: Internet,
    playwright: Playwright,
    tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> None:
    """Every blocker is recognised on every page, and no problem is reported."""
    pages = []
    for host, app in apps.items():
        net.forward(host, "127.0.0.1", app.ours)
        pages.append(f"https://{host}{app.about.pages[1]}")
    options = Options(net=net)
    for need in ready(options):
        if need.blocker.name in STATES and need.missing:
            missing(BrowserMissing(need.missing))
    report = audit(pages[0], pages, list(STATES), options, tmp_path, playwright=playwright)
    for one in report.blockers:
        record_property("profile", one.label)
    assert [(visit.blocker, visit.url, visit.problems, visit.error) for visit in report.visits] == [
        (one.name, url, [], "") for one in report.blockers for url in pages
    ]
    for visit in report.visits:
        state = visit.verdict and visit.verdict["state"]
        assert state == STATES.get(visit.blocker, "clear"), (visit.blocker, visit.url)
        assert (tmp_path / visit.picture).stat().st_size > 1000
    assert report.status == 0
