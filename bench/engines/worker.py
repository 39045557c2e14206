"""Runs one engine of Python's on an input file and prints its answers as JSON.

A script of its own, for any Python: `PYTHON worker.py adblock|braveblock INPUT`. Input and output
are those of `worker.mjs`.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

Blocks = Callable[[str, str, str], bool]


def adblock(lines: list[str]) -> tuple[Blocks, Callable[[str], bool] | None]:
    """Compile rules; return functions from a request and from a class to the engine's answer."""
    import adblock

    filters = adblock.FilterSet()
    filters.add_filters(lines)
    engine = adblock.Engine(filters)

    def blocks(url: str, page: str, kind: str) -> bool:
        found = engine.check_network_urls(url, page, kind)
        return bool((found.matched and not found.exception) or found.redirect)

    def hides(name: str) -> bool:
        return f".{name}" in engine.hidden_class_id_selectors([name], [], set())

    return blocks, hides


def braveblock(lines: list[str]) -> tuple[Blocks, None]:
    """Compile rules as `adblock` does; this package answers for requests alone."""
    make: Any = import_module("braveblock").Adblocker
    engine = make(lines, include_easylist=False, include_easyprivacy=False)
    return engine.check_network_urls, None


def main(name: str, file: str) -> None:
    """Print the answers."""
    given = json.loads(Path(file).read_text("utf-8"))
    began = time.perf_counter()
    blocks, hides = {"adblock": adblock, "braveblock": braveblock}[name](given["lines"])
    compiled = time.perf_counter()
    blocked = [blocks(*request) for request in given["requests"]]
    matched = time.perf_counter()
    made = {
        "version": version(name),
        "compile": compiled - began,
        "match": matched - compiled,
        "blocked": blocked,
        "hidden": [hides(one) for one in given["classes"]] if hides else None,
        "unread": None,
    }
    print(json.dumps(made))


if __name__ == "__main__":
    main(*sys.argv[1:])
