"""A finding of a check: how bad it is, what was seen, and how to fix it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Literal

Level = Literal["ok", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence on what the check `look` saw, and one on the fix unless all is well.

    `page` is the address of the page that it was seen on, empty for the site as a whole.
    """

    look: str
    level: Level
    saw: str
    fix: str = ""
    page: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return the finding as a dict for JSON."""
        return asdict(self)


def ok(look: str, saw: str, page: str = "") -> Finding:
    """Return the finding that all is well."""
    return Finding(look, "ok", saw, "", page)


def warning(look: str, saw: str, fix: str, page: str = "") -> Finding:
    """Return a finding for something that works less well than it could."""
    return Finding(look, "warning", saw, fix, page)


def error(look: str, saw: str, fix: str, page: str = "") -> Finding:
    """Return a finding for something that does not work."""
    return Finding(look, "error", saw, fix, page)


def worst(findings: Iterable[Finding]) -> Level:
    """Return the worst level of the findings."""
    levels = {finding.level for finding in findings}
    return "error" if "error" in levels else "warning" if "warning" in levels else "ok"
