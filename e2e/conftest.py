"""Fixtures of the tests in real browsers, and a report of the browsers and blockers used."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from _pytest.runner import runtestprotocol
from _pytest.terminal import TerminalReporter
from playwright.sync_api import expect

from detector.testing.driver import guard_driver, keep_headers_on_site
from detector.testing.fixtures import (
    allow_site,
    chromium_page,
    firefox_page,
    internet,
    machine_line,
    net,
    open_page,
    ran_lines,
    running,
    ublock_page,
    webkit,
    webkit_blocked,
)
from e2e.support.demo import demo
from e2e.support.network_changes import NetworkChanges
from e2e.support.newspaper import OPEN
from e2e.support.stage import set_stage, stage

__all__ = [
    "allow_site",
    "chromium_page",
    "demo",
    "firefox_page",
    "internet",
    "net",
    "open_page",
    "running",
    "set_stage",
    "stage",
    "ublock_page",
    "webkit",
    "webkit_blocked",
]

UNDER_LISTS = "notice under lists"
NETWORK_CHANGED = "run again, since this machine's network changed meanwhile"
"""A test's properties of these names are printed at the end."""
CHANGES = NetworkChanges()


@pytest.fixture(autouse=True)
def sites_are_closed() -> Iterator[None]:
    """Close a test's sites: each holds the files of its store, and a run has hundreds."""
    before = len(OPEN)
    yield
    while len(OPEN) > before:
        OPEN.pop().close()


def pytest_configure() -> None:
    """Change Playwright's driver before it is started, and remove the detector's variables."""
    for name in [name for name in os.environ if name.startswith("DETECTOR_")]:
        del os.environ[name]
    guard_driver()
    keep_headers_on_site()
    # Longer than the default five seconds, for busy machines.
    expect.set_options(timeout=30_000)


def pytest_unconfigure() -> None:
    """Stop listening to the kernel."""
    CHANGES.close()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool:
    """Run a test, and once more if it failed while this machine's network changed."""
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    CHANGES.since_last()
    reports = runtestprotocol(item, nextitem=nextitem, log=False)
    failed = [one.longreprtext.rpartition("\n")[2] for one in reports if one.failed]
    if failed and (changes := CHANGES.since_last()):
        line = f"{item.nodeid}: {', '.join(sorted(set(changes)))}; it had failed: {failed[0]}"
        item.user_properties.append((NETWORK_CHANGED, line))
        item._initrequest()  # type: ignore[attr-defined]
        reports = runtestprotocol(item, nextitem=nextitem, log=False)
    for report in reports:
        item.ihook.pytest_runtest_logreport(report=report)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True


def pytest_report_header() -> str:
    """Return a line with the browsers and blockers of this machine."""
    return machine_line()


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    """Print the browsers and blockers that tests ran in, and the effect of lists on the notice."""
    reports = [
        report
        for kind in ("passed", "failed")
        for report in terminalreporter.stats.get(kind, [])
        if isinstance(report, pytest.TestReport) and report.when == "call"
    ]
    terminalreporter.section("browsers and blockers that ran")
    for label in ran_lines(reports) or ["none"]:
        terminalreporter.line(label)
    for title in (UNDER_LISTS, NETWORK_CHANGED):
        lines = [
            str(line) for one in reports for name, line in one.user_properties if name == title
        ]
        if lines:
            terminalreporter.section(title)
        for line in lines:
            terminalreporter.line(line)
