"""The process that `bench.imports` starts: what importing and a first view cost, as JSON.

Its arguments are `with` or `without`, whether it has the detector, and the file of its store.
"""

from __future__ import annotations

import gc
import sys
from time import process_time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

_SECRET = "a secret for benches, long enough"
# Not imported from another bench: what that imports would count as ours.
_BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
_PAGE = "<!doctype html><html><head></head><body></body></html>"


def measure(detector: bool, store: str) -> dict[str, float]:
    """Return CPU time in ms and memory in KB; Flask is imported first in any case."""
    found = {"flask": _milliseconds("flask")}
    if detector:
        found["detector"] = _milliseconds("detector.flask")
    from flask import Flask

    app = Flask("bench")
    app.route("/")(lambda: _PAGE)
    if detector:
        from detector.flask import Detector

        began = process_time()
        Detector(app, secret=_SECRET, store=store)
        found["site"] = (process_time() - began) * 1e3
    client = app.test_client()
    if (b"<script" in client.get("/").data) != detector:
        raise SystemExit("bench: the page should have a tag with the detector and none without")
    if detector:
        app.extensions["detector"].flusher.flush()
    found["page"] = _memory()
    if detector:
        began = process_time()
        _bootstrap(app)
        found["first"] = (process_time() - began) * 1e3
    found["view"] = _memory()
    return found


def _milliseconds(module: str) -> float:
    # What the import before left behind is collected at its cost, not at this one's.
    gc.collect()
    began = process_time()
    __import__(module)
    return (process_time() - began) * 1e3


def _bootstrap(app: Flask) -> None:
    """Answer the first request that has to know the visitor's browser."""
    site = app.extensions["detector"]
    path = f"/{site.names.prefix}/{site.tagger.file()}on?v={'1' * 20}&p={site.tokens.page('/')}"
    told = app.test_client().get(path, headers={"User-Agent": _BROWSER}).get_json()
    if "b" not in told:
        raise SystemExit(f"bench: the bootstrap answered {told}, not what to look with")


def _memory() -> float:
    """Return what one more such process takes: its memory that it shares with no other, in KB."""
    gc.collect()
    with open("/proc/self/smaps_rollup", encoding="ascii") as file:
        return sum(float(line.split()[1]) for line in file if line.startswith("Private_"))


if __name__ == "__main__":
    result = measure(sys.argv[1] == "with", sys.argv[2])
    import json

    print(json.dumps(result))
