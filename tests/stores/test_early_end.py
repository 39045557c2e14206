"""A process that ends in order before its first flush loses nothing, on any server and store."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from collections.abc import Callable, Sequence
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path

import pytest

from bench.serving import HOST, Process, gunicorn, hypercorn, uvicorn, waitress
from detector.analytics.query import summary
from detector.core.counting.store import Store
from detector.core.served_names import ServedNames
from tests.conftest import FIREFOX, SECRET
from tests.support.root import ROOT
from tests.support.served import PLACE, STORE
from tests.support.tags import script


def preloaded(number: int, app: str) -> list[str]:
    """Return the arguments for gunicorn with an app that is loaded before the fork."""
    return [*gunicorn(number, app)[:-1], "--preload", app]


def sync(number: int, app: str) -> list[str]:
    """Return the arguments for gunicorn with its usual worker, which has no threads."""
    return ["-m", "gunicorn", "--no-control-socket", "--log-level=warning", f"-bfd://{number}", app]


SERVERS: dict[str, tuple[Callable[[int, str], Sequence[str]], str]] = {
    "gunicorn": (gunicorn, "wsgi"),
    "sync": (sync, "wsgi"),
    "preloaded": (preloaded, "wsgi"),
    "waitress": (waitress, "wsgi"),
    "uvicorn": (uvicorn, "asgi"),
    "hypercorn": (hypercorn, "asgi"),
}


BUSY = "WARNING:waitress.queue:Task queue depth"
"""What waitress says where a request had to wait for a thread, as on a busy machine."""


def send(server: Process) -> None:
    """Send one report over one connection, so that one worker has it all."""
    headers = {"User-Agent": FIREFOX}
    with closing(HTTPConnection(HOST, server.port, timeout=30)) as http:
        http.request("GET", "/", headers=headers)
        src, token = script(http.getresponse().read().decode())
        http.request("GET", f"{src}on?v={7:020}&p={token}", headers=headers)
        told = json.loads(http.getresponse().read())
        body = json.dumps({"t": told["t"], "p": token, "s": "clear", "i": "", "f": []})
        path = f"/{ServedNames(SECRET).prefix}/{told['r']}"
        http.request("POST", path, body, headers)
        assert http.getresponse().read() == b""


@pytest.mark.parametrize("name", SERVERS)
def test_one_report(name: str, url: str, store: Store, tmp_path: Path) -> None:
    """A report, then the server is stopped at once: the report is in the store."""
    by, app = SERVERS[name]
    with Process(f"tests.support.served:{app}()", by, {PLACE: str(tmp_path), STORE: url}) as server:
        send(server)
        server.stop()
        said = [line for line in server.said().splitlines() if BUSY not in line]
    found = summary(store)
    assert (found.views, found.verdict_count, found.errors, said) == (1, 1, 0, [])


def test_script(url: str, store: Store) -> None:
    """A process without a server that ends right after its first count loses nothing either."""
    program = """
        import sys
        from detector.core.config.loading import make_config
        from detector.core.site import Site

        site = Site(make_config(secret="a secret for tests, long enough", store=sys.argv[1]))
        site.count("view")
    """
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", textwrap.dedent(program), url],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=60,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert summary(store).views == 1
