"""What a look found: how bad it is, what was seen, and how to mend it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Literal

Level = Literal["ok", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence on what `look` saw, and one that names the mend unless all is well.

    `page` is the address of the page that it was seen on, empty for the site as a whole.
    """

    look: str
    level: Level
    saw: str
    mend: str = ""
    page: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return what JSON shows."""
        return asdict(self)


def ok(look: str, saw: str, page: str = "") -> Finding:
    """Say that all is well."""
    return Finding(look, "ok", saw, "", page)


def warning(look: str, saw: str, mend: str, page: str = "") -> Finding:
    """Say that something works less well than it could."""
    return Finding(look, "warning", saw, mend, page)


def error(look: str, saw: str, mend: str, page: str = "") -> Finding:
    """Say that something does not work."""
    return Finding(look, "error", saw, mend, page)


def worst(findings: Iterable[Finding]) -> Level:
    """Return the worst level there is."""
    levels = {finding.level for finding in findings}
    return "error" if "error" in levels else "warning" if "warning" in levels else "ok"
