"""Environments whose ads do not arrive while nothing touches the page."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bench.matrix import conditions as seen
from bench.matrix import namespace
from bench.matrix.blocked import SHARED
from bench.matrix.browsers import AD_HOSTS, Start, Started, chromium
from bench.matrix.environment import UNREACHABLE, Environment, NotRun
from bench.matrix.gateway import Gateway
from bench.matrix.waiting import until
from detector.qa.browsers import CHROMIUM
from detector.qa.internet import Internet
from detector.qa.ublock import Package

if TYPE_CHECKING:
    from playwright.sync_api import Playwright

_WHOLE_HOST = re.compile(r"\|\|([a-z0-9-]+(?:\.[a-z0-9-]+)+)\^(?:\$third-party)?$")
BROWSER = ("unreachable", "browser")
# What each way is to Chromium's own switch.
WAYS = {"not resolved": "~NOTFOUND", "0.0.0.0": "0.0.0.0:9", "refused": "127.0.0.1:9"}
ANSWERS = {"not resolved": "", "0.0.0.0": "0.0.0.0", "refused": namespace.NOBODY}
PRIVOXY = """listen-address 127.0.0.1:{port}
confdir /etc/privoxy
logdir {folder}
actionsfile match-all.action
actionsfile default.action
filterfile default.filter
forward / {proxy}
toggle 1
"""


def hosts_list() -> tuple[str, list[str]]:
    """Return the title and the hosts of a real list.

    Peter Lowe's, which DNS blockers use, where the machine has it; else EasyList's whole hosts.
    """
    path = SHARED / "peterlowe.txt"
    title = "Peter Lowe's list" if path.exists() else "EasyList's hosts"
    if not path.exists():
        path = Package.required().list_path("easylist")
    lines = path.read_text("utf-8").splitlines()
    return title, sorted({found[1] for line in lines if (found := _WHOLE_HOST.match(line))})


def mapped(way: str) -> Start:
    """Return what starts Chromium with its own switch for names."""
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
        with chromium(playwright, net, proxy=None, args=(switch,)) as started:
            yield started
    finally:
        gateway.close()


def resolver(way: str) -> Start:
    """Return what starts Chromium behind a real resolver, in a network namespace of its own."""
    return partial(_resolver, way=way)


@contextmanager
def _resolver(playwright: Playwright, net: Internet, *, way: str) -> Iterator[Started]:
    title, hosts = hosts_list()
    with (
        namespace.resolving(net, hosts, ANSWERS[way]) as prefix,
        tempfile.TemporaryDirectory(prefix="resolver-") as folder,
    ):
        program = Path(folder) / "chromium"
        program.write_text(f'#!/bin/sh\nexec {prefix} {CHROMIUM.find()} "$@"\n')
        program.chmod(0o755)
        label = f", behind dnsmasq with {title}"
        with chromium(playwright, net, proxy=None, program=str(program), label=label) as started:
            yield started


@contextmanager
def privoxy(playwright: Playwright, net: Internet) -> Iterator[Started]:
    """Start Chromium behind Debian's privoxy with its own default actions."""
    program = shutil.which("privoxy") or shutil.which("privoxy", path="/usr/sbin")
    if not program:
        raise NotRun("privoxy is not installed: apt-get install privoxy")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    proxy = urlsplit(net.proxy_url).netloc
    with tempfile.TemporaryDirectory(prefix="privoxy-") as folder:
        config = Path(folder) / "config"
        config.write_text(PRIVOXY.format(port=port, folder=folder, proxy=proxy))
        quiet = subprocess.DEVNULL
        with subprocess.Popen(
            [program, "--no-daemon", str(config)], stderr=quiet, stdout=quiet
        ) as process:
            try:
                _wait(port)
                proxy_url = f"http://127.0.0.1:{port}"
                with chromium(playwright, net, proxy=proxy_url, label=" + privoxy") as started:
                    yield started
            finally:
                process.terminate()


def _wait(port: int) -> None:
    def listens() -> bool:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            return False
        return True

    until(listens, 10, "privoxy did not listen within 10 s")


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
            f"resolver: {way}",
            browser=f"chromium, resolver, {way}",
            how="dnsmasq with a real list of hosts, in a network namespace",
        )
        for way in WAYS
    ]
    rows += [
        by_proxy("privoxy, https", holds=seen.some_ads_stopped),
        by_proxy(
            "privoxy, http",
            holds=seen.every(seen.some_ads_stopped, seen.refuses_own),
            scheme="http",
        ),
        row(
            "Firefox's tracking protection",
            browser="firefox, tracking protection",
            how="its test tables name the ad hosts",
            wanted=(BROWSER,),
        ),
    ]
    return rows
