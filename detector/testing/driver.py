"""Keeps Playwright's driver alive through a bug of its own; see driver_guard.cjs."""

from __future__ import annotations

import os
from pathlib import Path

_GUARD = Path(__file__).with_name("driver_guard.cjs")


def guard_driver() -> None:
    """Load the guard into drivers that this process starts from now on; idempotent."""
    option = f'--require "{_GUARD}"'
    present = os.environ.get("NODE_OPTIONS", "")
    if option not in present:
        os.environ["NODE_OPTIONS"] = f"{present} {option}".strip()
