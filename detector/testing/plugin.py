"""pytest plugin: tests of any site under ad blockers, on top of pytest-playwright.

Inactive until used: loading it imports neither Playwright nor any networking, and tests that
request none of its fixtures run as if it were not there.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page, Playwright

    from detector.testing.blockers import Options
    from detector.testing.blockers.assertions import AdBlocker, Pool

OURS = ("ad_blocker", "blocked_page")
# The names by which pytest-playwright decides to run a test once for each of its own browsers.
_THEIRS = ("page", "context", "new_context", "browser", "browser_type", "browser_name")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    group = parser.getgroup("ad blockers", "ad blockers (adblock-detector)")
    group.addoption(
        "--ad-blockers",
        metavar="NAMES",
        help="blockers that tests with `ad_blocker` run under, separated by commas; `all` means "
        "every ready one, the default is those that act on pages. `detector blockers` lists them",
    )
    group.addoption(
        "--filter-list",
        action="append",
        default=[],
        metavar="FILE_OR_URL",
        help="filter list of the emulated blockers, any number of times",
    )
    group.addoption(
        "--blocker-extension",
        action="append",
        default=[],
        metavar="NAME=PATH",
        help="a Manifest V3 extension for Chromium as a blocker: a folder or a zip; the "
        "name ublock-origin takes an .xpi or folder for Firefox instead of Debian's package",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker, and the fixtures that replace pytest-playwright's."""
    config.addinivalue_line(
        "markers", "ad_blockers(*names): run this test under these ad blockers only"
    )
    if config.pluginmanager.hasplugin("playwright"):
        from detector.testing import browser_fixture

        # After all installed plugins, so that these fixtures take precedence over theirs.
        config.pluginmanager.register(browser_fixture, "ad-blockers-instead")


def options_of(config: pytest.Config) -> Options:
    """Return the options that blockers are started with."""
    from detector.testing.blockers import Options
    from detector.testing.blockers.model import BlockerError, named_paths

    try:
        extensions, ublock = named_paths(config.getoption("--blocker-extension"))
    except BlockerError as error:
        raise pytest.UsageError(str(error)) from None
    headed = bool(config.getoption("--headed", default=False))
    lists = tuple(config.getoption("--filter-list"))
    return Options(filter_lists=lists, extension=ublock, extensions=extensions, headless=not headed)


def _names(config: pytest.Config, marker: pytest.Mark | None) -> list[str]:
    """Return the blockers for a test: those of its marker, limited to those of the option."""
    from detector.testing.blockers import UnknownBlocker, default_names, find, ready

    options = options_of(config)
    try:
        asked = [name for name in (config.getoption("--ad-blockers") or "").split(",") if name]
        marked = [str(name) for name in marker.args] if marker else []
        for name in (*asked, *marked):
            if name != "all" and find(name, options).driver != "playwright":
                raise UnknownBlocker(
                    f"blocker {name!r} has no Playwright pages: it is driven by Selenium, "
                    "see detector.testing.blockers.start"
                )
        usable = [n.blocker for n in ready(options) if n.ready and n.blocker.driver == "playwright"]
        if "all" in asked:
            asked = [b.name for b in usable if b.acts != "none"]
        if marked:
            return [name for name in marked if not asked or name in asked]
        return asked or default_names(options, ready=[b.name for b in usable])
    except UnknownBlocker as error:
        raise pytest.UsageError(str(error)) from None


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_generate_tests(metafunc: pytest.Metafunc) -> Generator[None, None, None]:
    """Run a test once for each blocker, and not again for each browser of pytest-playwright's."""
    if not any(name in metafunc.fixturenames for name in OURS):
        return (yield)
    found = metafunc.fixturenames
    metafunc.fixturenames = [name for name in found if name not in _THEIRS]
    try:
        yield
    finally:
        metafunc.fixturenames = found
    from detector.testing.blockers import find

    names = _names(metafunc.config, metafunc.definition.get_closest_marker("ad_blockers"))
    options = options_of(metafunc.config)
    for name in ("ad_blocker", "browser", "browser_name"):
        if name not in metafunc.fixturenames:
            metafunc.fixturenames.append(name)
    metafunc.parametrize(
        ("ad_blocker", "browser", "browser_name"),
        [(name, name, find(name, options).engine) for name in names],
        ids=names,
        indirect=True,
        scope="session",
    )
    return None


def pytest_collection_finish(session: pytest.Session) -> None:
    """Guard Playwright's driver before it is started, if a test uses our fixtures."""
    wanted = {*OURS, "clean_page"}
    if any(wanted & set(getattr(item, "fixturenames", ())) for item in session.items):
        from detector.testing.driver import guard_driver

        guard_driver()


@pytest.fixture(scope="session")
def _blocker_pool(playwright: Playwright, pytestconfig: pytest.Config) -> Iterator[Pool]:
    from detector.testing.blockers.assertions import Pool

    with Pool(playwright, options_of(pytestconfig)) as pool:
        yield pool


@pytest.fixture(scope="session")
def ad_blocker(_blocker_pool: Pool, request: pytest.FixtureRequest) -> AdBlocker:
    """Return the ad blocker that this run of the test is under, with its assertions."""
    from detector.testing.blocker_fixture import running
    from detector.testing.blockers.assertions import AdBlocker

    if not hasattr(request, "param"):
        raise pytest.UsageError("ad_blocker: request it in the test itself, by its name")
    return AdBlocker(running(_blocker_pool, request.param), options=_blocker_pool.options)


@pytest.fixture
def blocked_page(ad_blocker: AdBlocker, page: Page) -> Page:
    """Return a fresh visitor's page under a blocker: the test's `page`, once for each blocker."""
    return page


@pytest.fixture
def clean_page(
    _blocker_pool: Pool, browser_context_args: dict[str, Any], _artifacts_recorder: Any
) -> Iterator[Page]:
    """Yield a fresh visitor's page without a blocker, beside `page` where a test has both."""
    from detector.testing.blocker_fixture import running

    context = running(_blocker_pool, "none").new_context(**browser_context_args)
    _artifacts_recorder.on_did_create_browser_context(context)
    yield context.new_page()
    _artifacts_recorder.on_will_close_browser_context(context)
    context.close()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> None:
    """Write the blocker with its versions and the date of its lists into every report."""
    blocker = getattr(item, "funcargs", {}).get("ad_blocker")
    if blocker is not None:
        item.user_properties.append(("ad_blocker", blocker.label))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add to the report of a failed test that its browser has ended."""
    report = yield
    blocker = getattr(item, "funcargs", {}).get("ad_blocker")
    if report.failed and blocker is not None and not blocker.running.alive:
        ended = "its browser has ended during this test; the next test gets another one\n"
        report.sections.append(("ad blocker", f"{blocker.label}: {ended}"))
    return report
