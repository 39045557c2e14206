"""Chromium behind Debian's Privoxy: with its own settings, or with one rule, and TLS inspected."""

from __future__ import annotations

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

from bench.matrix.browsers import Start, Started, chromium
from bench.matrix.environment import NotRun
from bench.matrix.waiting import until
from detector.testing.internet import Internet
from detector.testing.machine import free_port

if TYPE_CHECKING:
    from playwright.sync_api import Playwright

CONFIG = """listen-address 127.0.0.1:{port}
confdir /etc/privoxy
logdir {folder}
{actions}
filterfile default.filter
forward / {proxy}
toggle 1
"""
DEBIANS = "actionsfile match-all.action\nactionsfile default.action"
STOPPED_HOST = "stopped.example"
# What a rule for a word does: a block page, an empty document with status 200, a redirect.
ACTIONS = {
    "403": "+block{word}",
    "200": "+block{word} +handle-as-empty-document",
    "302": f"+redirect{{https://{STOPPED_HOST}/why}}",
}
# Debian's lists under inspected TLS.
INSPECTED = "lists"
INSPECTING = """ca-directory {folder}
ca-cert-file ca.pem
ca-key-file ca.key
certificate-directory {folder}/certificates
trusted-cas-file {trusted}
handle-as-empty-doc-returns-ok 1
actionsfile {folder}/own.action
"""


def privoxy(inspected: str = "") -> Start:
    """Return a function that starts Chromium behind privoxy; `inspected` is what acts in TLS."""
    return partial(_privoxy, inspected=inspected)


@contextmanager
def _privoxy(playwright: Playwright, net: Internet, *, inspected: str) -> Iterator[Started]:
    program = shutil.which("privoxy") or shutil.which("privoxy", path="/usr/sbin")
    if not program:
        raise NotRun("privoxy is not installed: apt-get install privoxy")
    port = free_port()
    proxy = urlsplit(net.proxy_url).netloc
    with tempfile.TemporaryDirectory(prefix="privoxy-") as folder:
        config = Path(folder) / "config"
        actions = "" if inspected in ACTIONS else DEBIANS
        if inspected:
            actions += "\n" + _inspecting(Path(folder), inspected, net)
        config.write_text(CONFIG.format(port=port, folder=folder, proxy=proxy, actions=actions))
        quiet = subprocess.DEVNULL
        with subprocess.Popen(
            [program, "--no-daemon", str(config)], stderr=quiet, stdout=quiet
        ) as process:
            try:
                _wait(port)
                own = {"server": f"http://127.0.0.1:{port}"}
                label = " + privoxy" + (", TLS inspected" if inspected else "")
                with chromium(playwright, net, label=label, proxy=own) as started:
                    yield started
            finally:
                process.terminate()


def _inspecting(folder: Path, inspected: str, net: Internet) -> str:
    """Write an authority and the actions to a folder; return the settings that use them."""
    if not shutil.which("openssl"):
        raise NotRun("openssl is not installed: apt-get install openssl")
    (folder / "certificates").mkdir()
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    made += ["-subj", "/CN=Device", "-keyout", "ca.key", "-out", "ca.pem"]
    subprocess.run(made, cwd=folder, check=True, capture_output=True)
    rules = "{+https-inspection +ignore-certificate-errors}\n/\n"
    if action := ACTIONS.get(inspected):
        rules += f"{{{action}}}\n/.*/ads/\n"
    (folder / "own.action").write_text(rules)
    return INSPECTING.format(folder=folder, trusted=net.ca_pem_path)


def _wait(port: int) -> None:
    def listens() -> bool:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            return False
        return True

    until(listens, 10, "privoxy did not listen within 10 s")
