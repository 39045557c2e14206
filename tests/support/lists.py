"""Finds the filter lists for tests: in Debian's uBlock Origin package, and beside the checkout."""

from __future__ import annotations

from pathlib import Path

import pytest

from detector.testing.machine import missing
from tests.support.root import ROOT

_EXTENSIONS = Path("/usr/share/mozilla/extensions/{ec8030f7-c20a-464f-9b0e-13a3a9e97384}")
ASSETS = _EXTENSIONS / "uBlock0@raymondhill.net/assets"
DEFAULT = [
    "thirdparties/easylist/easylist.txt",
    "thirdparties/easylist/easyprivacy.txt",
    "ublock/filters.min.txt",
    "ublock/privacy.min.txt",
    "ublock/badware.min.txt",
    "ublock/quick-fixes.min.txt",
    "ublock/unbreak.min.txt",
]
_SHARED = ROOT.parent / "shared" / "lists"


def debian() -> list[Path]:
    """Return uBlock Origin's default lists; if they are missing, skip, or fail where CI=true."""
    if not ASSETS.is_dir():
        missing("uBlock Origin's lists are missing: apt-get install webext-ublock-origin-firefox")
    return [ASSETS / name for name in DEFAULT]


def shared() -> dict[str, Path]:
    """Return further lists by their short names, or skip: they are not part of the project."""
    if not _SHARED.is_dir():
        pytest.skip(f"no further lists: {_SHARED} is missing")
    return {path.stem: path for path in sorted(_SHARED.glob("*.txt"))}
