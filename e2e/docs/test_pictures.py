"""The pictures of the documentation: `scripts/pictures` runs this and keeps them.

They go to .cache/pictures, in light and dark. Each shows what it is to show, and is small.
"""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Playwright, expect
from waitress.server import create_server

from detector.audit import folder
from detector.audit.runner import audit
from detector.dashboard import app as dashboard
from detector.demo.traffic import DAYS, fill
from detector.stores.sqlite.store import SqliteStore
from detector.testing.blockers import BrowserMissing, Options, ready
from detector.testing.fixtures import OpenPage
from detector.testing.internet import Internet
from detector.testing.machine import missing
from e2e.support import planted
from e2e.support.newspaper import URL, newspaper
from e2e.support.pictures import SCHEMES, SIZE, keep

BLOCKERS = ["easylist", "ublock-origin"]
SEED = 1913
UNTIL = datetime(2026, 11, 1, tzinfo=UTC)
"""The end of the month that the dashboard shows: the picture of tomorrow is that of today."""


@pytest.mark.parametrize("scheme", SCHEMES)
def test_notice(open_page: OpenPage, net: Internet, tmp_path: Path, scheme: str) -> None:
    """The newspaper under EasyList, with the notice in its corner."""
    newspaper(net, tmp_path)
    page = open_page("easylist", viewport=SIZE, color_scheme=scheme)
    page.goto(URL)
    expect(page.locator(".card")).to_be_in_viewport(ratio=1)
    page.wait_for_load_state("networkidle")
    keep(page, f"notice-{scheme}")


@pytest.mark.parametrize("scheme", SCHEMES)
def test_dashboard(open_page: OpenPage, net: Internet, tmp_path: Path, scheme: str) -> None:
    """The dashboard with a month of invented views."""
    path = tmp_path / "counts.sqlite"
    store = SqliteStore(path)
    fill(store, UNTIL.timestamp())
    store.close()
    served = dashboard(str(path), allowed=lambda _: True, per_thousand=4.5)
    server = create_server(served, host="127.0.0.1", port=0, threads=2, asyncore_use_poll=True)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        net.forward("figures.example", "127.0.0.1", int(server.effective_port))
        page = open_page("none", viewport={**SIZE, "height": 900}, color_scheme=scheme)
        first, last = UNTIL - timedelta(days=DAYS), UNTIL - timedelta(days=1)
        page.goto(f"http://figures.example/?from={first.date()}&to={last.date()}")
        expect(page.get_by_role("heading", name="Blocked share over time")).to_be_visible()
        keep(page, f"dashboard-{scheme}")
    finally:
        server.close()
        thread.join(10)


@pytest.fixture(scope="module")
def report(
    internet: Internet, playwright: Playwright, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Return the folder of an audit of a shop that breaks under blockers."""
    for need in ready(Options(net=internet)):
        if need.blocker.name in BLOCKERS and need.missing:
            missing(BrowserMissing(need.missing))
    names = planted.listed(SEED)
    internet.reset()
    internet.site(planted.HOST, planted.shop(names))
    internet.answer(names.ads, planted.ads)
    out = tmp_path_factory.mktemp("report")
    pages = [f"{planted.URL}/{path}" for path in ("", "hidden", "script")]
    options = Options(net=internet, cache=out)
    done = audit(pages[0], pages, BLOCKERS, options, out, playwright=playwright)
    assert done.status == 1
    folder.write(done, out, playwright)
    return out


@pytest.mark.timeout(300)
@pytest.mark.parametrize("scheme", SCHEMES)
def test_audit(open_page: OpenPage, report: Path, scheme: str) -> None:
    """The report of an audit that found a hidden button and a blocked script."""
    page = open_page("none", viewport=SIZE, color_scheme=scheme)
    page.goto((report / "index.html").as_uri())
    expect(page.get_by_text("Check out").first).to_be_visible()
    keep(page, f"audit-{scheme}")
