"""One measured figure with its budget, and how a list of them is printed and saved."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


class BenchError(Exception):
    """Raised if a bench cannot measure; the message says why and how to fix it."""


@dataclass(frozen=True, slots=True)
class Row:
    """One figure; `at_most` and `at_least` are its budget, in the same unit.

    `what` begins with two blanks for each level that it is part of the rows before it.

    A median may come with its 95 % `interval`: one that is wider than the budget, or has it inside,
    decides nothing about it.
    """

    what: str
    value: float
    unit: str
    at_most: float | None = None
    at_least: float | None = None
    note: str = ""
    interval: tuple[float, float] | None = None

    @property
    def met(self) -> bool | None:
        """Whether the budget is kept; None without a budget, and where nothing is decided."""
        if (self.at_most is None and self.at_least is None) or not self.decides:
            return None
        at_most = self.value if self.at_most is None else self.at_most
        at_least = self.value if self.at_least is None else self.at_least
        return at_least <= self.value <= at_most

    @property
    def decides(self) -> bool:
        """Whether the interval, where there is one, leaves no doubt about the budget."""
        budgets = [end for end in (self.at_most, self.at_least) if end is not None]
        if self.interval is None:
            return True
        low, high = self.interval
        return not any(high - low > end or low <= end < high for end in budgets)

    def cells(self) -> tuple[str, str, str, str, str]:
        """Return the row as it is printed."""
        budget = ""
        if self.at_most is not None and self.at_least is not None:
            ends = (_number(end, self.unit) for end in (self.at_least, self.at_most))
            budget = " to ".join(ends)
        elif self.at_most is not None:
            budget = f"≤ {_number(self.at_most, self.unit)}"
        elif self.at_least is not None:
            budget = f"≥ {_number(self.at_least, self.unit)}"
        verdict = {True: "met", False: "MISSED", None: ""}[self.met]
        if not self.decides:
            verdict = "decides nothing"
        note = self.note
        if self.interval is not None:
            low, high = (_number(end, self.unit) for end in self.interval)
            note = f"95 % in {low}–{high}" + (f", {note}" if note else "")
        value = f"{_number(self.value, self.unit)} {self.unit}".rstrip()
        return self.what, value, budget, verdict, note

    def as_dict(self) -> dict[str, object]:
        """Return the row with plain types for JSON."""
        return {
            "what": self.what,
            "value": self.value,
            "unit": self.unit,
            "at_most": self.at_most,
            "at_least": self.at_least,
            "met": self.met,
            "interval": self.interval,
            "decides": self.decides,
            "note": self.note,
        }


def lines(rows: Sequence[Row], least: Sequence[int] = (0, 0, 0, 0)) -> list[str]:
    """Return the rows as aligned lines: what, value, budget, whether it is kept, a note.

    `least` is the least width of each of the first four columns, for rows printed one by one.
    """
    cells = [row.cells() for row in rows]
    widths = [max([least[column], *(len(line[column]) for line in cells)]) for column in range(4)]
    out = []
    for what, value, budget, verdict, note in cells:
        shown = (
            f"  {what:<{widths[0]}}  {value:>{widths[1]}}"
            f"  {budget:<{widths[2]}}  {verdict:<{widths[3]}}  {note}"
        )
        out.append(shown.rstrip())
    return out


def as_json(results: Mapping[str, Sequence[Row]], quick: bool) -> dict[str, object]:
    """Return a whole run with plain types, and the machine's properties that affect figures."""
    return {
        "quick": quick,
        "machine": {
            "system": platform.system(),
            "processor": platform.machine(),
            "cpus": os.cpu_count(),
            "python": platform.python_version(),
        },
        "benches": {
            name: [
                {**row.as_dict(), "what": row.what.strip(), "of": whole}
                for row, whole in zip(rows, wholes(rows), strict=True)
            ]
            for name, rows in results.items()
        },
    }


def missed(rows: Sequence[Row]) -> list[str]:
    """Return the names of the rows that missed their budget, each with what it is part of."""
    return [
        ", ".join([*whole, row.what.strip()])
        for row, whole in zip(rows, wholes(rows), strict=True)
        if row.met is False
    ]


def wholes(rows: Sequence[Row]) -> list[list[str]]:
    """Return for each row the names of the rows that it is part of, the outermost first."""
    out, around = [], list[str]()
    for row in rows:
        name = row.what.lstrip()
        del around[(len(row.what) - len(name)) // 2 :]
        out.append(list(around))
        around.append(name)
    return out


def _number(value: float, unit: str) -> str:
    if not unit:  # a ratio
        return f"{value:.3f}"
    if value == int(value) or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
