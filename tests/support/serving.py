"""Starts `detector serve` as owners do: in its own process, with its own file."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, Self

from detector.core.counting.store_url import open_store
from tests.support.root import ROOT
from tests.support.tags import script

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def detector(*arguments: str) -> list[str]:
    """Return the command `detector`, from this checkout."""
    return [sys.executable, "-m", "detector.cli", *arguments]


class Serving:
    """A running `detector serve`; use it in a `with` block, which stops it."""

    def __init__(self, file: Path, port: int = 0, command: list[str] | None = None) -> None:
        self.file = file
        self.process = subprocess.Popen(
            command or detector("serve", "--config", str(file), "--port", str(port)),
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={**os.environ, "PYTHONWARNINGS": "error"},
        )
        self.port = int(self.logged(r"http://127\.0\.0\.1:(\d+)")[1])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(30)
        assert self.process.stderr is not None
        self.process.stderr.close()

    def logged(self, pattern: str) -> re.Match[str]:
        """Read up to the next line that matches."""
        assert self.process.stderr is not None
        seen = []
        for line in self.process.stderr:
            seen.append(line)
            if found := re.search(pattern, line):
                return found
        raise AssertionError(f"no line with {pattern!r} before the end:\n{''.join(seen)}")

    def reload(self) -> None:
        """Send it the signal to read its file again."""
        self.process.send_signal(signal.SIGHUP)

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Stop it as an owner does; return the exit status."""
        self.process.send_signal(number)
        self.logged("stopped; all counts are written")
        return self.process.wait(30)


class Tag:
    """A tag printed by `--print-tag`, and visits of pages that carry it."""

    def __init__(self, file: Path, name: str, *more: str) -> None:
        command = detector("serve", "--config", str(file), "--print-tag", name, *more)
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
        self.line, self.advice = done.stdout.strip(), done.stderr
        self.src, self.token = script(self.line)
        self.folder = self.src.rpartition("/")[0]

    def control(self, port: int, host: str, view: str) -> dict[str, Any]:
        """Begin a view as the script does."""
        query = f"on?v={view}&p={self.token}&w=false"
        status, body = ask(port, self.src + query, host)
        assert status == 200, body
        found: dict[str, Any] = json.loads(body)
        return found

    def report(self, told: dict[str, Any], state: str = "clear") -> tuple[str, str]:
        """Return the address and the body of a view's report."""
        body = {"t": told["t"], "p": self.token, "s": state, "i": None, "f": []}
        return f"{self.folder}/{told['r']}", json.dumps(body)

    def visit(self, port: int, host: str, view: str) -> None:
        """Send the requests of one clear view, from the script to the report."""
        assert ask(port, self.src, host)[0] == 200
        told = self.control(port, host, view)
        for _, _, *paths in told["b"]:
            for path in paths:
                assert ask(port, f"{self.folder}/{path}{told['t']}", host)[0] == 200
        path, body = self.report(told)
        assert ask(port, path, host, body) == (204, "")


def ask(
    port: int, path: str, host: str, body: str | None = None, source: str = "", **more: str
) -> tuple[int, str]:
    """Send one request as a page on that host does; return status and body.

    `source` is the loopback address to send from; `more` are headers, _ in a name stands for -.
    """
    connection = http.client.HTTPConnection(
        "127.0.0.1", port, timeout=30, source_address=(source, 0) if source else None
    )
    headers = {"Host": host, "User-Agent": FIREFOX}
    headers |= {name.replace("_", "-"): value for name, value in more.items()}
    if body is not None:
        headers |= {"Origin": f"http://{host}", "Content-Type": "application/json"}
    try:
        connection.request("POST" if body is not None else "GET", path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode("latin-1")
    finally:
        connection.close()


def stats(db: Path) -> dict[str, Any]:
    """Return the output of `detector stats --json`."""
    command = detector("stats", "--json", "--db", str(db))
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def groups(db: Path) -> set[str]:
    """Return the path groups for which verdicts were counted."""
    store = open_store(str(db), readonly=True)
    try:
        rows = store.rows()
        return {v for (_, _, d, v, _, action), _ in rows if (d, action) == ("group", "verdict")}
    finally:
        store.close()
