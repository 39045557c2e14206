"""A finding of a check of the notice: how bad it is, what was seen, and how to fix it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Literal

Level = Literal["error", "warning", "note"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One observation: the option or text, what is wrong, and what to do.

    A note is about something that a machine cannot decide. `source` is who requires it, with date.
    """

    where: str
    what: str
    fix: str
    level: Level = "error"
    source: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return the finding as a dict for JSON."""
        return asdict(self)


def failed(findings: Iterable[Finding]) -> bool:
    """Whether any finding is an error."""
    return any(one.level == "error" for one in findings)
