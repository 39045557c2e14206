"""A real WSGI server for a bench: gunicorn, one worker of four threads, loopback only."""

from __future__ import annotations

import socket
import subprocess
import sys
import tempfile
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from bench.apps import CPU
from bench.table import BenchError

HOST = "127.0.0.1"
ROOT = Path(__file__).resolve().parent.parent
_PATIENCE = 30.0


class Server:
    """Serves `app`, an expression such as `bench.apps:paper()`, while the `with` block lasts."""

    def __init__(self, app: str) -> None:
        self._app = app
        self.port = 0

    def __enter__(self) -> Server:
        """Start, and wait until the app answers."""
        self._log = tempfile.TemporaryFile()
        # The socket is ours before the server starts: no other program can take the port between.
        with socket.create_server((HOST, 0), backlog=128) as bound:
            self.port = bound.getsockname()[1]
            options = ["--worker-class=gthread", "--workers=1", "--threads=4", "--keep-alive=10"]
            options += ["--graceful-timeout=5", "--no-control-socket", "--log-level=warning"]
            options.append(f"--bind=fd://{bound.fileno()}")
            self._process = subprocess.Popen(
                [sys.executable, "-m", "gunicorn", *options, self._app],
                cwd=ROOT,
                pass_fds=[bound.fileno()],
                stdout=subprocess.DEVNULL,
                stderr=self._log,
            )
        try:
            self.cpu()
        except (OSError, HTTPException, ValueError):
            self._stop()
            with self._log:
                self._log.seek(0)
                said = self._log.read().decode("utf-8", "replace")[-2000:]
            raise BenchError(f"the server of {self._app} did not start:\n{said}") from None
        return self

    def __exit__(self, *error: object) -> None:
        """End the server; its worker writes what it counted."""
        self._stop()
        self._log.close()

    def cpu(self) -> float:
        """Give the seconds of CPU time that the worker has used so far."""
        http = HTTPConnection(HOST, self.port, timeout=_PATIENCE)
        try:
            http.request("GET", CPU)
            return float(http.getresponse().read())
        finally:
            http.close()

    def _stop(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
