"""What the doctor says: one finding for each thing it looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Level = Literal["ok", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: `seen` says what was seen, `mend` how to mend it; empty when ok."""

    look: str
    level: Level
    seen: str
    mend: str = ""
    page: str = ""


def ok(look: str, seen: str) -> Finding:
    """Say that all is well."""
    return Finding(look, "ok", seen)


def warning(look: str, seen: str, mend: str) -> Finding:
    """Say that something is less than it could be."""
    return Finding(look, "warning", seen, mend)


def error(look: str, seen: str, mend: str) -> Finding:
    """Say that something keeps the detector from working."""
    return Finding(look, "error", seen, mend)
