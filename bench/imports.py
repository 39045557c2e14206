"""What the detector adds to the start and the memory of a process that imports Flask."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.rounds import median_row
from bench.serving import ROOT
from bench.table import BenchError, Row

IMPORT = 0.25
"""Of the time that Flask's own import takes."""
MEMORY = 3.0
"""Megabytes beyond Flask, of a process that has sent a page and written its count to SQLite."""
ROUNDS = 11


def run(quick: bool = False) -> list[Row]:
    """Start processes with and without the detector in turn."""
    if not Path("/proc/self/smaps_rollup").exists():
        raise BenchError("the memory of a process is read from /proc, which only Linux has")
    with tempfile.TemporaryDirectory() as folder:
        # As pip leaves a package: compiled. The first processes compile, and do not count.
        env = {**os.environ, "PYTHONPYCACHEPREFIX": folder}
        env.pop("PYTHONDONTWRITEBYTECODE", None)
        store = str(Path(folder) / "db")
        _start("with", store, env)
        both = [
            (_start("without", store, env), _start("with", store, env))
            for _ in range(1 if quick else ROUNDS)
        ]
    with_ = [with_ for _, with_ in both]
    more = {
        when: [(with_[when] - without[when]) / 1024 for without, with_ in both]
        for when in ("page", "view")
    }
    return [
        median_row("import of Flask", [each["flask"] for each in with_], "ms"),
        median_row("import of detector.flask after it", [each["detector"] for each in with_], "ms"),
        median_row(
            "import, detector.flask / Flask",
            [each["detector"] / each["flask"] for each in with_],
            "",
            IMPORT,
        ),
        median_row("Detector(app)", [each["site"] for each in with_], "ms"),
        median_row("the first bootstrap", [each["first"] for each in with_], "ms"),
        median_row("memory of Flask, a page sent", [one["page"] / 1024 for one, _ in both], "MB"),
        median_row("memory beyond Flask, a page sent and counted", more["page"], "MB", MEMORY),
        median_row("memory beyond Flask, a bootstrap answered", more["view"], "MB"),
    ]


def _start(which: str, store: str, env: dict[str, str]) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.startup", which, store]
    ran = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=120)
    if ran.returncode:
        raise BenchError(f"the measuring process failed:\n{ran.stderr[-2000:]}")
    found: dict[str, float] = json.loads(ran.stdout)
    return found
