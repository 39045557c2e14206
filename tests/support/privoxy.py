"""A real Privoxy between the visitors of a site and the site, which stops what its path says."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from detector.testing.machine import free_port, need
from tests.support.deployed import running

_CONFIG = """
listen-address 127.0.0.1:{port}
confdir /etc/privoxy
templdir /etc/privoxy/templates
logdir {folder}
actionsfile {folder}/stop.action
accept-intercepted-requests 1
forward / {app}
handle-as-empty-doc-returns-ok 1
toggle 1
"""
STOPS = {
    "403": "+block{its path}",
    "200": "+block{its path} +handle-as-empty-document",
    "302": "+redirect{https://stopped.example/}",
}
"""Privoxy's actions by the status that it answers with."""


@contextmanager
def privoxy(app: str, status: str, words: Iterable[str]) -> Iterator[int]:
    """Run Privoxy in front of the site at `app`; yields its port.

    It answers requests for paths with one of the words as an action of `STOPS` has it.
    """
    program = need("privoxy")
    with tempfile.TemporaryDirectory(prefix="detector-") as name:
        folder, port = Path(name), free_port()
        paths = "".join(f"/.*{word}\n" for word in words)
        (folder / "stop.action").write_text(f"{{{STOPS[status]}}}\n{paths}")
        (folder / "config").write_text(
            _CONFIG.format(port=port, folder=folder, app=urlsplit(app).netloc)
        )
        command = [program, "--no-daemon", os.fspath(folder / "config")]
        with running(command, port, folder / "logfile"):
            yield port
