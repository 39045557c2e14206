"""Pytest fixtures: the test internet and a page in each browser, with and without a blocker.

Import the needed ones into a `conftest.py`; they build on pytest-playwright's `playwright`. A
browser or blocker that is missing on the machine skips a test with its reason, and fails it if the
environment has `CI=true`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

from detector.testing import ublock
from detector.testing.blockers import Options, Running, start
from detector.testing.blockers.assertions import Pool
from detector.testing.browsers import CHROMIUM, FIREFOX, MINIBROWSER, BrowserMissing
from detector.testing.internet import Internet
from detector.testing.machine import missing

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page, Playwright
    from selenium.webdriver.webkitgtk.webdriver import WebDriver

OpenPage = Callable[..., "Page"]
# The property of a test that records the browser and blocker it ran in.
RAN = "ad_blocker"
# A connection that `net.cut` closes stands for a blocker, which refuses at once. Firefox would ask
# ten times more, for seconds on a busy machine; once more is for connections that ended before.
ATTEMPTS = {"network.http.request.max-attempts": 2}


@pytest.fixture(scope="session")
def internet() -> Iterator[Internet]:
    """Yield the test internet of the whole session; in a test use `net`."""
    with Internet() as internet:
        yield internet


@pytest.fixture
def net(internet: Internet, request: pytest.FixtureRequest) -> Iterator[Internet]:
    """Yield the test internet without faults and with an empty log; a site's exception fails.

    Where the test fails its report lists the last requests.
    """
    internet.reset()
    internet.clear_log()
    yield internet
    internet.reset()
    request.node.add_report_section("teardown", "test internet", internet.last_requests())
    if internet.errors:
        pytest.fail("a site of the test internet raised:\n" + "\n".join(internet.errors))


@pytest.fixture(scope="session")
def running(internet: Internet, playwright: Playwright) -> Iterator[Callable[[str], Running]]:
    """Yield a function from a blocker's name to the started blocker; each starts once."""
    options = Options(
        net=internet,
        hide_automation=False,
        headless_shell=True,
        launch={"firefox_user_prefs": ATTEMPTS},
    )
    with Pool(playwright, options) as pool:

        def get(name: str) -> Running:
            try:
                return pool.get(name)
            except BrowserMissing as error:
                missing(error)

        yield get


@pytest.fixture
def open_page(
    net: Internet, running: Callable[[str], Running], request: pytest.FixtureRequest
) -> Iterator[OpenPage]:
    """Yield `open_page(blocker, **context_options)`: a fresh visitor's page each time."""
    contexts: list[BrowserContext] = []
    used: dict[str, Running] = {}

    def open_page(name: str, **options: Any) -> Page:
        blocker = used[name] = running(name)
        context = blocker.new_context(**options)
        contexts.append(context)
        request.node.user_properties.append((RAN, blocker.blocker.label))
        return context.new_page()

    yield open_page
    for context in contexts:
        context.close()
    for blocker in used.values():
        blocker.restore_sites()


@pytest.fixture
def chromium_page(open_page: OpenPage) -> Page:
    """Return a fresh visitor's page in Chromium without a blocker."""
    return open_page("none")


@pytest.fixture
def firefox_page(open_page: OpenPage) -> Page:
    """Return a fresh visitor's page in Firefox without a blocker."""
    return open_page("none-firefox")


@pytest.fixture
def ublock_page(open_page: OpenPage) -> Page:
    """Return a fresh visitor's page in Firefox with the real uBlock Origin."""
    return open_page("ublock-origin")


@pytest.fixture
def allow_site(running: Callable[[str], Running]) -> Callable[[Page], None]:
    """Return a function that switches uBlock Origin off for a page's host until the test ends.

    The page has to be reloaded afterwards.
    """
    return running("ublock-origin").allow_site


@pytest.fixture
def webkit(net: Internet, request: pytest.FixtureRequest) -> Iterator[WebDriver]:
    """Yield a driver of a fresh WebKitGTK browser without a blocker."""
    yield from _webkit("none-webkit", net, request)


@pytest.fixture
def webkit_blocked(net: Internet, request: pytest.FixtureRequest) -> Iterator[WebDriver]:
    """Yield a driver of a fresh WebKitGTK browser with content rules made from EasyList."""
    yield from _webkit("content-blocker", net, request)


def _webkit(name: str, net: Internet, request: pytest.FixtureRequest) -> Iterator[WebDriver]:
    with ExitStack() as stack:
        try:
            running = stack.enter_context(start(name, None, Options(net=net)))
        except BrowserMissing as error:
            missing(error)
        request.node.user_properties.append((RAN, running.blocker.label))
        assert running.webdriver is not None
        yield running.webdriver


def machine_line() -> str:
    """Return a line for pytest's header: which browsers and blockers this machine has."""
    have: list[str] = []
    for browser in (CHROMIUM, FIREFOX, MINIBROWSER):
        try:
            have.append(browser.find())
        except BrowserMissing:
            have.append(f"no {browser.title}")
    package = ublock.Package.found()
    have.append(
        f"uBlock Origin {package.version}, lists of {package.list_date}"
        if package
        else "no uBlock Origin"
    )
    return "browsers: " + "; ".join(have)


def ran_lines(reports: Iterable[pytest.TestReport]) -> list[str]:
    """Return a line for each blocker that ran, with its versions and its number of tests."""
    tests: Counter[str] = Counter()
    for report in reports:
        tests.update({str(v) for name, v in report.user_properties if name == RAN})
    return [f"{label}: {count} tests" for label, count in sorted(tests.items())]
