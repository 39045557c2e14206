"""Runs an example by its one command, as a new user does after a clone."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path
from typing import Self

from detector.testing.machine import free_port
from tests.support.root import ROOT
from tests.support.servers import until
from tests.support.serving import ask

EXAMPLES = ROOT / "examples"
PATIENCE = 90.0  # a busy machine; a start takes one or two seconds
ENV = {name: value for name, value in os.environ.items() if not name.startswith("DETECTOR_")}


class Example:
    """One example's running server, with its secret and counts in a folder of the test.

    Use it in a `with` block, which waits until it answers and stops it at the end.
    """

    def __init__(self, name: str, folder: Path, **env: str) -> None:
        self.port = free_port()
        self.host = f"127.0.0.1:{self.port}"
        self.folder = folder
        self.log = folder / "log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [EXAMPLES / name / "start", "--port", str(self.port)],
                env={**ENV, "INSTANCE": str(folder), "PYTHONPATH": str(ROOT), **env},
                stdout=log,
                stderr=log,
            )

    def __enter__(self) -> Self:
        try:
            self.wait()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def wait(self) -> None:
        """Wait until it answers."""

        def answers() -> bool:
            assert self.process.poll() is None, self.log.read_text()
            try:
                status, _ = ask(self.port, "/", self.host)
            except OSError:
                return False
            assert status == 200, self.log.read_text()
            return True

        until(answers, "the start of the example", PATIENCE)

    def stop(self) -> None:
        """Stop it as an owner does; uvicorn's exit status is the signal's."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            assert self.process.wait(PATIENCE) in (0, -signal.SIGTERM), self.log.read_text()
        finally:
            self.process.kill()
