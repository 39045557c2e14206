"""Starts examples/static-site-nginx with its one command: a static page behind a proxy."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Self

from detector.testing.machine import free_port, need
from tests.support.root import ROOT
from tests.support.servers import until
from tests.support.serving import Tag, ask

PROXIES = ("nginx", "caddy")
SITES = (
    '[sites.example]\nsecret = "{secret}"\nhosts = ["{host}"]\nmount = "{mount}"\nfrom_view = 1\n'
    "proxies = 1\n"
)


class StaticSite:
    """The example behind `proxy`; use it in a `with` block, which stops it."""

    def __init__(self, proxy: str, folder: Path, host: str, mount: str = "") -> None:
        need(proxy)
        self.port, self._serve_port = free_port(), free_port()
        self.folder = folder
        secret = f"the secret of {folder.name} behind {proxy}"
        self.file = folder / "sites.toml"
        self.file.write_text(SITES.format(secret=secret, host=host, mount=mount))
        self.tag = Tag(self.file, "example")
        self._log = (folder / "log").open("w")
        self.process = subprocess.Popen(
            [ROOT / "examples" / "static-site-nginx" / "start", proxy],
            stdout=self._log,
            stderr=subprocess.STDOUT,
            env={
                **os.environ,
                "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
                "PYTHONPATH": str(ROOT),
                "OUT": str(folder),
                "PORT": str(self.port),
                "SERVE_PORT": str(self._serve_port),
            },
        )

    def __enter__(self) -> Self:
        try:
            until(self._runs, "the start of the example")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.stop()
        self._log.close()

    def _runs(self) -> bool:
        assert self.process.poll() is None, self._said()
        return _answers(self.port, "/") and _answers(self._serve_port, "/healthz")

    def stop(self) -> None:
        """Stop the proxy and the detector, which writes its counts."""
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(30) == 0, self._said()

    @property
    def store(self) -> Path:
        """Return the path of the file of the counts."""
        return self.folder / "example.sqlite"

    def _said(self) -> str:
        return (self.folder / "log").read_text()


def _answers(port: int, path: str) -> bool:
    try:
        return ask(port, path, "127.0.0.1")[0] == 200
    except OSError:
        return False
