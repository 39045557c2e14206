"""TypeScript's compiler, with the types of the detector's events."""

from __future__ import annotations

import subprocess
from pathlib import Path

from detector.testing.machine import missing
from tests.support.root import ROOT

EVENT_TYPES = ROOT / "static/ads-events.d.ts"
_OPTIONS = (
    *("--strict", "--allowJs", "--noEmit", "--ignoreConfig", "--target", "ES2022"),
    *("--module", "ESNext", "--moduleResolution", "bundler", "--lib", "ES2022,DOM"),
)


def compiled(*files: Path) -> list[str]:
    """Return what tsc says of files in a strict project that has the types of the events."""
    tsc = ROOT / "node_modules/.bin/tsc"
    if not tsc.exists():
        missing("TypeScript is missing: run scripts/npm-packages")
    command = [str(part) for part in (tsc, *_OPTIONS, EVENT_TYPES, *files)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    return done.stdout.splitlines()
