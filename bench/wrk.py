"""Load by wrk: one thread, four persistent connections, a bounded time."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from signal import SIGINT
from subprocess import PIPE, STDOUT, Popen, TimeoutExpired

from bench.rounds import Sample
from bench.serving import HOST, Server
from bench.table import BenchError

# A person's browser: a robot's report would be refused, and cost less.
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
# And its headers for opening a page.
OPENING = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Sec-Fetch-Dest": "document",
    "Sec-Fetch-Mode": "navigate",
    "Sec-Fetch-Site": "none",
}
CONNECTIONS = 4
TRIES = 5
_SCRIPT = Path(__file__).with_name("wrk.lua")
_RESULT = re.compile(r"^RESULT (\d+) (\d+) (\d+)$", re.MULTILINE)


def check() -> None:
    """Raise BenchError if wrk is missing."""
    if shutil.which("wrk") is None:
        raise BenchError(
            "wrk is missing, the load generator of the benches pages and reports: install it "
            "(on Debian: apt-get install wrk), or run: scripts/bench sizes inject views"
        )


def load(
    server: Server,
    path: str,
    seconds: float,
    headers: Mapping[str, str] | None = None,
    bodies: Callable[[float], Path] | None = None,
) -> Sample:
    """Request `path` repeatedly, or POST the lines of a file one by one.

    `bodies` writes the file, with enough of them for so many seconds.
    """
    sent = {"User-Agent": BROWSER, "Accept-Encoding": "gzip", **(headers or {})}
    command = ["wrk", "--threads=1", f"--connections={CONNECTIONS}", "--duration=10s"]
    command += [f"--script={_SCRIPT}", "--timeout=10s"]
    command += [f"--header={name}: {value}" for name, value in sent.items()]
    command.append(f"http://{HOST}:{server.port}{path}")
    said = ""
    for _ in range(TRIES):
        more = ["--", str(bodies(seconds))] if bodies else []
        before = server.cpu()
        said = _run([*command, *more], seconds)
        cpu = server.cpu() - before
        found = _RESULT.search(said)
        done, microseconds, errors = map(int, found.groups()) if found else (0, 0, 0)
        if errors:
            raise BenchError(f"{errors} of {done} requests for {path} failed:\n{said}")
        if done:
            return Sample(done, microseconds / 1e6, cpu)
        # On a very busy machine wrk may not have installed its signal handler yet.
        seconds *= 2
    raise BenchError(f"wrk got no answer for {path}:\n{said}")


def _run(command: list[str], seconds: float) -> str:
    """Run wrk for that time: it supports whole seconds only, but ends cleanly when interrupted."""
    with Popen(command, stdout=PIPE, stderr=STDOUT, text=True) as wrk:
        try:
            return wrk.communicate(timeout=seconds)[0]
        except TimeoutExpired:
            wrk.send_signal(SIGINT)
        try:
            return wrk.communicate(timeout=30)[0]
        except TimeoutExpired:
            wrk.kill()
            raise BenchError("wrk did not end when interrupted") from None
