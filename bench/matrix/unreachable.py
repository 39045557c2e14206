"""Environments whose ads do not arrive, without a change to the page."""

from __future__ import annotations

import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from bench.matrix import conditions as seen
from bench.matrix import namespace
from bench.matrix.browsers import AD_HOSTS, Start, Started, chromium
from bench.matrix.devices import secrets
from bench.matrix.engines import SHARED
from bench.matrix.environment import NOT_ACCUSED, UNREACHABLE, Environment
from bench.matrix.gateway import Gateway
from bench.matrix.privoxy import INSPECTED
from detector.testing.blockers import Options
from detector.testing.blockers.lists import filter_lists, hosts
from detector.testing.browsers import CHROMIUM
from detector.testing.internet import Internet

if TYPE_CHECKING:
    from playwright.sync_api import Playwright

BROWSER = ("unreachable", "browser")
# The value of each way for Chromium's own switch.
WAYS = {"not resolved": "~NOTFOUND", "0.0.0.0": "0.0.0.0:9"}
# And for a resolver.
ANSWERS = {"not resolved": "", "0.0.0.0": "0.0.0.0", "refused": namespace.NOBODY}


def hosts_list() -> tuple[str, list[str]]:
    """Return the title and the hosts of a real list.

    Peter Lowe's, which DNS blockers use, if it is present; else EasyList's whole hosts.
    """
    path = SHARED / "peterlowe.txt"
    if path.exists():
        return "Peter Lowe's list", hosts(filter_lists(Options(filter_lists=(str(path),))))
    return "EasyList's hosts", hosts(filter_lists(Options())[:1])


def mapped(way: str) -> Start:
    """Return a function that starts Chromium with its own switch for names."""
    return partial(_mapped, way=way)


@contextmanager
def _mapped(playwright: Playwright, net: Internet, *, way: str) -> Iterator[Started]:
    gateway_socket = socket.create_server(("127.0.0.1", 0), backlog=128)
    port = gateway_socket.getsockname()[1]
    gateway = Gateway(net, gateway_socket)
    rules = [f"MAP {host} {WAYS[way]}" for host in AD_HOSTS]
    rules.append(f"MAP * 127.0.0.1:{port}")
    try:
        switch = "--host-resolver-rules=" + ", ".join(rules)
        with chromium(playwright, net, proxy=None, args=[switch]) as started:
            yield started
    finally:
        gateway.close()


def resolver(way: str) -> Start:
    """Return a function that starts Chromium with a real resolver, in its own network namespace."""
    return partial(_resolver, way=way)


@contextmanager
def _resolver(playwright: Playwright, net: Internet, *, way: str) -> Iterator[Started]:
    title, names = hosts_list()
    with (
        namespace.resolving(net, names, ANSWERS[way]) as prefix,
        tempfile.TemporaryDirectory(prefix="resolver-") as folder,
    ):
        program = Path(folder) / "chromium"
        program.write_text(f'#!/bin/sh\nexec {prefix} {CHROMIUM.find()} "$@"\n')
        program.chmod(0o755)
        label = f", behind dnsmasq with {title}"
        launch = {"proxy": None, "executable_path": str(program)}
        with chromium(playwright, net, label=label, **launch) as started:
            yield started


def unreachable() -> list[Environment]:
    """Return every environment whose ads cannot be reached."""
    row = partial(Environment, group="unreachable", wanted=(UNREACHABLE,), holds=seen.ads_stopped)
    by_proxy = partial(row, browser="privoxy", how="Debian's own settings")
    rows = [
        row(
            "ad hosts fail",
            browser=browser,
            how="no tunnel to them through the proxy",
            faults=lambda net: net.dead(AD_HOSTS),
            holds=seen.ads_answer(0),
            real=False,
        )
        for browser in ("chromium", "firefox", "webkit")
    ]
    rows += [
        row(
            f"ad hosts {way}",
            browser=f"chromium, {way}",
            how="by Chromium's own switch for names",
            real=False,
        )
        for way in WAYS
    ]
    rows += [
        row(
            "ad hosts refused",
            browser="chromium, refused",
            how="by proxy settings, as the QA kit's DNS blocker has it",
            real=False,
        )
    ]
    rows += [
        row(
            f"resolver: {way}",
            browser=f"chromium, resolver, {way}",
            how="dnsmasq with a real list of hosts, in a network namespace",
        )
        for way in ANSWERS
    ]
    rows += [
        by_proxy("privoxy, https", holds=seen.some_ads_stopped),
        by_proxy(
            "privoxy, http",
            holds=seen.every(seen.some_ads_stopped, seen.refuses_own),
            scheme="http",
            secret=secrets("/ads/", 1)[0],
        ),
        row(
            "privoxy, TLS inspected",
            browser=f"privoxy, {INSPECTED}",
            how="Debian's own settings",
            wanted=NOT_ACCUSED,
            holds=seen.every(seen.ads_stopped, seen.word_stopped("/x/ads/x.txt")),
            secret=secrets("/ads/", 1)[0],
        ),
        row(
            "Firefox's tracking protection",
            browser="firefox, tracking protection",
            how="its test tables name the ad hosts",
            wanted=(BROWSER,),
        ),
        row(
            "Firefox's own engine",
            browser="firefox, own engine",
            how="off by default; the packaged lists on third-party requests",
            wanted=(BROWSER,),
        ),
    ]
    return rows
