"""Tables of values with their denominators: what a page shows, and what its exports contain."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from detector.analytics.export import safe
from detector.analytics.figures import Share
from detector.analytics.filtered import Filter
from detector.dashboard.texts import N_

Form = Literal["text", "time", "count", "share", "part", "money", "points", "change"]
"""A part is a share whose whole is in the same row; points and changes are percentage points."""
_SHARES = ("share", "part")
_PARTS = ("part", "whole", "low", "high")
"""What a share has in CSV beside its value: its counts, and its 95 % interval."""
STEPS = {"hour": N_("Hour"), "day": N_("Day"), "week": N_("Week"), "month": N_("Month")}
"""What a column of times is headed by."""
Value = str | int | float | Share


class Term(str):
    """A value of a dimension in words, with what it is in the counts."""

    __slots__ = ("dimension", "value")
    dimension: str
    value: str

    @classmethod
    def of(cls, words: str, dimension: str, value: str) -> Term:
        """Return the words for a value of a dimension."""
        made = cls(words)
        made.dimension, made.value = dimension, value
        return made


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name in exports, its heading, and how its values are formatted."""

    name: str
    title: str
    form: Form = "count"


@dataclass(frozen=True, slots=True)
class Table:
    """One table; `note` says what its shares refer to."""

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]
    note: str = ""
    missing: str = ""
    """Why there is no such table for the filter, or ""."""
    only: Filter | None = None
    """The value that all of its counts are of."""

    def as_csv(self) -> str:
        """Return the table as CSV; each share comes with its part and its whole.

        With a filter each row names it in its last column.
        """
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\r\n")
        head: list[str] = []
        for column in self.columns:
            head.append(column.name)
            if column.form in _SHARES:
                head += [f"{column.name}_{part}" for part in _PARTS]
        if self.only is not None:
            head.append("filter")
        writer.writerow(head)
        for row in self.rows:
            written: list[str] = []
            for column, value in zip(self.columns, row, strict=True):
                written += _as_csv(column, value)
            if self.only is not None:
                written.append("=".join(self.only))
            writer.writerow(written)
        return out.getvalue()

    def as_json(self) -> str:
        """Return the table as JSON."""
        rows = [
            {
                column.name: _as_json(column, value)
                for column, value in zip(self.columns, row, strict=True)
            }
            for row in self.rows
        ]
        only = dict([self.only]) if self.only is not None else None
        found: dict[str, Any] = {"table": self.name, "title": self.title, "note": self.note}
        found |= {"filter": only, "rows": rows}
        return json.dumps(found, indent=2, ensure_ascii=False) + "\n"


def _as_csv(column: Column, value: Value) -> list[str]:
    if isinstance(value, Share):
        known = [] if value.interval is None else [value.value, *value.interval]
        share, *ends = [f"{each:.4f}" for each in known] or [""] * 3
        return [share, str(value.part), str(value.whole), *ends]
    plain = column.form in ("count", "money", "points", "change")
    text = str(value) if plain else safe(str(_as_json(column, value)))
    return [text, *[""] * len(_PARTS)] if column.form in _SHARES else [text]


def _as_json(column: Column, value: Value) -> Any:
    if isinstance(value, Share):
        return value.as_dict()
    if column.form == "time" and isinstance(value, int):
        return datetime.fromtimestamp(value, UTC).isoformat()
    return value
