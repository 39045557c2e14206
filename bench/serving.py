"""Real servers for benches and tests: each in a separate process, on loopback only."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from bench.apps import CPU
from bench.table import BenchError

HOST = "127.0.0.1"
ROOT = Path(__file__).resolve().parent.parent
_PATIENCE = 30.0
_WAITRESS = """
import signal, socket, sys, waitress
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
module, _, call = sys.argv[2].partition(":")
app = eval(call, vars(__import__(module, fromlist=["_"])))
waitress.serve(app, sockets=[socket.socket(fileno=int(sys.argv[1]))], threads=4)
"""


def gunicorn(number: int, app: str) -> list[str]:
    """Return the arguments for gunicorn: one worker with four threads."""
    options = ["--worker-class=gthread", "--workers=1", "--threads=4", "--keep-alive=10"]
    options += ["--graceful-timeout=5", "--no-control-socket", "--log-level=warning"]
    return ["-m", "gunicorn", *options, f"--bind=fd://{number}", app]


def uvicorn(number: int, app: str) -> list[str]:
    """Return the arguments for uvicorn, with h11 and asyncio's own loop."""
    options = ["--factory", "--log-level=warning", "--timeout-graceful-shutdown=5"]
    return ["-m", "uvicorn", *options, f"--fd={number}", app.removesuffix("()")]


def waitress(number: int, app: str) -> list[str]:
    """Return the arguments for waitress, whose command supports no open socket and no SIGTERM."""
    return ["-c", _WAITRESS, str(number), app]


def hypercorn(number: int, app: str) -> list[str]:
    """Return the arguments for hypercorn."""
    options = ["--log-level=WARNING", "--graceful-timeout=5"]
    return ["-m", "hypercorn", *options, f"--bind=fd://{number}", app]


class Process:
    """Serves `app`, an expression such as `bench.apps:paper()`, during the `with` block."""

    def __init__(
        self,
        app: str,
        by: Callable[[int, str], Sequence[str]] = gunicorn,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        self._app = app
        self._by = by
        self.environ = {**os.environ, **(environ or {})}
        self.port = 0

    def __enter__(self) -> Process:
        """Start, and wait until the app answers."""
        self._log = tempfile.TemporaryFile()
        # The socket is bound before the server starts, so that no other program can use the port.
        with socket.create_server((HOST, 0), backlog=128) as bound:
            self.port = bound.getsockname()[1]
            self._process = subprocess.Popen(
                [sys.executable, *self._by(bound.fileno(), self._app)],
                cwd=ROOT,
                env=self.environ,
                pass_fds=[bound.fileno()],
                stdout=self._log,
                stderr=self._log,
            )
        try:
            self.get(CPU)
        except (OSError, HTTPException):
            self.stop()
            said = self.said()
            self._log.close()
            raise BenchError(f"the server of {self._app} did not start:\n{said}") from None
        return self

    def __exit__(self, *error: object) -> None:
        """Stop the server; its workers write their counts."""
        self.stop()
        self._log.close()

    def get(self, path: str) -> bytes:
        """Return the server's response."""
        http = HTTPConnection(HOST, self.port, timeout=_PATIENCE)
        try:
            http.request("GET", path)
            return http.getresponse().read()
        finally:
            http.close()

    def said(self) -> str:
        """Return the end of the server's output."""
        self._log.seek(0)
        return self._log.read().decode("utf-8", "replace")[-2000:]

    def stop(self) -> None:
        """Stop the server cleanly, as an init system does."""
        self._process.terminate()
        try:
            self._process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class Server(Process):
    """A server whose app also reports the CPU time of its process."""

    def __enter__(self) -> Server:
        """Start, and wait until the app reports its time."""
        super().__enter__()
        try:
            self.cpu()
        except ValueError:
            said = self.said()
            self.__exit__(None, None, None)
            raise BenchError(f"the server of {self._app} did not start:\n{said}") from None
        return self

    def cpu(self) -> float:
        """Return the seconds of CPU time that the worker has used so far."""
        return float(self.get(CPU))
