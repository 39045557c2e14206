"""Fixtures of the tests in real browsers, and a report of the browsers and blockers used."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
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
"""A test's property of this name is printed at the end."""


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
    under = [
        str(line) for one in reports for name, line in one.user_properties if name == UNDER_LISTS
    ]
    if under:
        terminalreporter.section(UNDER_LISTS)
    for line in under:
        terminalreporter.line(line)
