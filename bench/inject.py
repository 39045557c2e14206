"""Time that the detector adds to a response, in process, against one plain copy of the page."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from bench import peers
from bench.serving import ROOT
from bench.table import BenchError, Row

COPIES = 1.5
LEAST = 50.0
OTHER = 5.0
# The 64 KB that may be held, an eighth more that Python allots to growing buffers, and objects.
WAITING = 64 + 8 + 2
SIZES = {"1 KB": 1_000, "10 KB": 10_000, "100 KB": 100_000, "1 MB": 1_000_000, "10 MB": 10_000_000}
# glibc may request a large page's memory from the system each time, page fault by page fault, or
# keep it, by chance, and the difference is larger than the detector's cost. Here it is
# kept; the bench `pages` leaves that to the system, as servers do. Other systems are unaffected.
HEAP = {"MALLOC_MMAP_THRESHOLD_": "1000000000", "MALLOC_TRIM_THRESHOLD_": "1000000000"}


def run(quick: bool = False) -> list[Row]:
    """Measure pages of each size, other responses, and pages designed to be slow."""
    found = _child(quick)
    copy = found["copy 100 KB"]
    limit = max(LEAST, COPIES * copy)
    return [
        Row("one plain copy of 100 KB", copy, "µs"),
        Row("added to a page of 100 KB", found["added 100 KB"], "µs", at_most=limit),
        Row("  of it, deciding and making the tag", found["decide"], "µs"),
        Row("  of it, placing it", found["place"], "µs"),
        Row("  memory taken by placing it, in pages", found["memory"], ""),
        Row("the same by ASGI", found["asgi"], "µs", at_most=limit),
        *(
            Row(f"the same by the way of {name}", found[name], "µs")
            for name in (peers.RELOAD, peers.TOOLBAR)
        ),
        Row("added to what is not HTML", found["other"], "µs", at_most=OTHER),
        Row("the same by ASGI, not HTML", found["other asgi"], "µs", at_most=OTHER),
        Row("memory of a stream that waits", found["waiting"] / 1024, "KB", at_most=WAITING),
        *(
            Row(f"added to {name}", found[f"added {name}"], "µs", note=_copies(found, name))
            for name in SIZES
            if f"added {name}" in found
        ),
        *(
            Row(
                what, found[what], "µs", note=f"{found[what] / found[f'{what}: usual']:.1f} × usual"
            )
            for what in found
            if f"{what}: usual" in found
        ),
    ]


def _copies(found: dict[str, float], name: str) -> str:
    return f"{found[f'added {name}'] / found[f'copy {name}']:.1f} copies of the page"


def _child(quick: bool) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.inprocess", "--quick" if quick else "--whole"]
    ran = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, **HEAP},
        capture_output=True,
        text=True,
        timeout=60,
    )
    if ran.returncode:
        raise BenchError(f"the measuring process failed:\n{ran.stderr[-2000:]}")
    found: dict[str, float] = json.loads(ran.stdout)
    return found
