"""Runs environments one by one; those that cannot be run get their reason."""

from __future__ import annotations

import logging
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from bench.matrix import reading, visits
from bench.matrix.browsers import ASKED_HOST, Started
from bench.matrix.bundles import NotInstalled, Peer
from bench.matrix.conditions import PROBE_HOST, check, probe
from bench.matrix.environment import Answer, Environment, NotRun, Read, Tab, plain
from bench.matrix.rows import BROWSERS
from bench.matrix.sites import HOST, peer_host, put_sites
from detector.testing import messages
from detector.testing.blockers import BlockerError, BrowserMissing
from detector.testing.driver import guard_driver
from detector.testing.internet import Internet

if TYPE_CHECKING:
    from playwright.sync_api import Playwright


@dataclass
class Result:
    """The result of one environment."""

    environment: Environment
    label: str = ""
    answer: Answer = field(default_factory=dict)
    peers: dict[str, str] = field(default_factory=dict)
    pictures: list[bytes] = field(default_factory=list)
    not_run: str = ""

    @property
    def right(self) -> bool:
        """Whether the detector's verdict is the expected one."""
        return not self.not_run and self.environment.right(self.answer)


def run(rows: Sequence[Environment], peers: tuple[Peer, ...]) -> Iterator[Result]:
    """Run the rows, those of one browser together."""
    # A late report belongs to the site of the previous row; that is no error here.
    logging.getLogger("detector").setLevel(logging.ERROR)
    from playwright.sync_api import sync_playwright

    guard_driver()
    with (
        tempfile.TemporaryDirectory(prefix="matrix-") as folder,
        sync_playwright() as playwright,
        Internet() as net,
    ):
        net.answer(ASKED_HOST, lambda request: messages.Answer("ok"))
        net.answer(PROBE_HOST, probe)
        for browser, group in groupby(rows, lambda row: row.browser):
            yield from _in_browser(playwright, net, Path(folder), browser, list(group), peers)


def _in_browser(
    playwright: Playwright,
    net: Internet,
    folder: Path,
    browser: str,
    rows: list[Environment],
    peers: tuple[Peer, ...],
) -> Iterator[Result]:
    from playwright.sync_api import Error

    with ExitStack() as stack:
        try:
            started = stack.enter_context(BROWSERS[browser](playwright, net))
        except (BrowserMissing, BlockerError, NotRun, NotInstalled, Error) as error:
            yield from (Result(row, browser, not_run=str(error)) for row in rows)
            return
        for row in rows:
            net.reset()
            net.clear_log()
            put_sites(net, folder, row, peers)
            if row.faults:
                row.faults(net)
            result = Result(row, started.label)
            try:
                _measure(started, net, result, peers)
            except (NotRun, NotInstalled) as error:
                result.not_run = str(error)
            net.reset()
            for trace in net.errors:
                print(trace, file=sys.stderr)
            yield result


def _measure(started: Started, net: Internet, result: Result, peers: tuple[Peer, ...]) -> None:
    row = result.environment

    def visit(row: Environment, host: str, read: Read, then: Callable[[Tab], object]) -> Answer:
        tab = started.tab(row.options)
        try:
            answer = row.visit(tab, f"{row.scheme}://{host}/", read)
            then(tab)
            return answer
        finally:
            tab.close()

    def proven(tab: Tab) -> None:
        result.pictures.append(_picture(tab.picture))
        check(row, tab, net)

    result.answer = tried(lambda: visit(row, HOST, reading.ours(row), proven))
    # Revising a verdict and keeping it over loads is not expected of other detectors.
    plainly = replace(row, visit=plain) if row.visit in (visits.slow, visits.warm) else row
    for number, peer in enumerate(peers):
        told = tried(partial(visit, plainly, peer_host(number), reading.peer, lambda tab: None))
        result.peers[peer.name] = str(told["state"])


def tried(visit: Callable[[], Answer]) -> Answer:
    """Convert an exception of the browser's driver to an answer: one row must not end all."""
    from playwright.sync_api import Error
    from selenium.common.exceptions import WebDriverException

    try:
        return visit()
    except (Error, WebDriverException) as error:
        return {"state": "failed", "kind": None, "why": str(error).splitlines()[0][:200]}


def _picture(take: Callable[[], bytes]) -> bytes:
    from playwright.sync_api import Error

    try:
        return take()
    except Error:
        return b""
