"""What a check of the notice finds: how bad it is, what was seen, and how to mend it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Literal

Level = Literal["error", "warning", "note"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was seen: the option or text, what is wrong, and what to do.

    A note asks for nothing that a machine can tell. `source` is what asks for it, with its date.
    """

    where: str
    what: str
    mend: str
    level: Level = "error"
    source: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return what JSON shows."""
        return asdict(self)


def failed(findings: Iterable[Finding]) -> bool:
    """Whether one of them is an error."""
    return any(one.level == "error" for one in findings)
