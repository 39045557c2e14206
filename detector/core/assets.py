"""Finds and reads the built scripts and styles, in a wheel and in an editable install alike."""

from __future__ import annotations

import gzip
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from detector.core.served_names import letters

_PACKAGE = Path(__file__).resolve().parents[1]


class Script(NamedTuple):
    """One built script: its bytes, plain and gzipped, and its content hash of eight letters."""

    body: bytes
    packed: bytes
    content_hash: str


def folder() -> Path:
    """Find the folder of the built scripts: in the package, else at the repository's root."""
    for place in (_PACKAGE / "static", _PACKAGE.parent / "static"):
        if (place / "detect.min.js").is_file():
            return place
    raise FileNotFoundError(
        "static/detect.min.js is missing: reinstall adblock-detector, "
        "or in a checkout run: npm install && npm run build"
    )


@lru_cache
def script(name: str) -> Script:
    """Read a built script by name, once per process; raises FileNotFoundError."""
    body = (folder() / f"{name}.min.js").read_bytes()
    return Script(body, gzip.compress(body, 9, mtime=0), letters(body, 8))


@lru_cache
def style(name: str) -> str:
    """Read the built style sheet `name` of some modes of the notice; raises FileNotFoundError."""
    return (folder() / "modes" / f"{name}.min.css").read_text("utf-8")
