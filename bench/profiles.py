"""Where the time goes: of each request of a view, of the import, and of the first visitor."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from cProfile import Profile
from functools import partial
from pathlib import Path
from pstats import Stats
from typing import TYPE_CHECKING, Any

from bench.apps import SECRET
from bench.serving import ROOT
from bench.table import BenchError, Row
from bench.timing import served
from bench.views import requests
from detector.demo.app import create_app
from detector.wsgi import DetectorMiddleware

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment
    from flask import Flask

CALLS = 2000
SHOWN = 10
_ONCE = ("import", "first visitor")
_ALL = 0.9
"""Functions that take more are only those through which every call goes."""
_USER_AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def run(quick: bool = False) -> list[Row]:
    """Profile by CPU time; the profiler itself makes small functions look larger."""
    calls = 20 if quick else CALLS
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(secret=SECRET, db=str(Path(folder) / "db"))
        ways = requests(app, 2 * calls + 1)
        ways["page"] = served(_ready_page(app))
        out = []
        for name, way in ways.items():
            _repeat(way, calls)
            out += _rows(name, _shares(partial(_repeat, way, calls)))
        app.extensions["detector"].close()
    for name in _ONCE:
        out += _rows(name, _child(name, 1 if quick else 2))
    return out


def _ready_page(app: Flask) -> DetectorMiddleware:
    """Return the middleware around the front page as it was rendered before."""
    page = b"".join(served(create_app(secret=SECRET, detector=False), "/")())

    def ready(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        headers = [("Content-Type", "text/html; charset=utf-8"), ("Vary", "Cookie")]
        start_response("200 OK", [*headers, ("Content-Length", str(len(page)))])
        return [page]

    return DetectorMiddleware(ready, site=app.extensions["detector"])


def _repeat(way: Callable[[], object], times: int) -> None:
    for _ in range(times):
        way()


def _shares(work: Callable[[], object]) -> dict[str, float]:
    """Return the share of each function with all that it calls, the largest first."""
    profile = Profile(time.thread_time)
    profile.runcall(work)
    found: dict[Any, Any] = Stats(profile).stats  # type: ignore[attr-defined]
    whole = max(times[3] for times in found.values())
    shares: dict[str, float] = {}
    for (file, _, function), (_, _, _, cumulative, _) in found.items():
        name = f"{_short(file)} {function}".strip()
        shares[name] = max(shares.get(name, 0), cumulative / whole)
    return dict(sorted(shares.items(), key=lambda item: -item[1]))


def _short(file: str) -> str:
    parts = Path(file).parts
    return "" if file == "~" else "/".join(parts[-2:])


def _rows(name: str, shares: dict[str, float]) -> list[Row]:
    below = [(what, share) for what, share in shares.items() if share < _ALL]
    return [Row(f"{name}: {what}", share * 100, "%") for what, share in below[:SHOWN]]


def _child(name: str, runs: int) -> dict[str, float]:
    """Profile in a process of its own what can happen only once in one; the first run compiles."""
    with tempfile.TemporaryDirectory() as bytecode:
        env = {**os.environ, "PYTHONPYCACHEPREFIX": bytecode}
        env.pop("PYTHONDONTWRITEBYTECODE", None)
        command = [sys.executable, "-m", "bench.profiles", name]
        for _ in range(runs):
            ran = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True)
            if ran.returncode:
                raise BenchError(f"the measuring process failed:\n{ran.stderr[-2000:]}")
    found: dict[str, float] = json.loads(ran.stdout)
    return found


def _once(name: str) -> dict[str, float]:
    import flask  # noqa: F401

    if name == "import":
        for module in [one for one in sys.modules if one.partition(".")[0] == "detector"]:
            del sys.modules[module]
        return _shares(lambda: __import__("detector.flask"))
    from detector.core.user_agent import classify

    return _shares(lambda: classify(_USER_AGENT))


if __name__ == "__main__":
    print(json.dumps(_once(sys.argv[1])))
