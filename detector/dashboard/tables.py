"""Tables of values with their denominators: what a page shows, and what its exports contain."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from datetime import datetime
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
_ZONE = "time_zone"
"""What stands beside each time: that of the owner, or UTC where days are those of UTC."""
STEPS = {"hour": N_("Hour"), "day": N_("Day"), "week": N_("Week"), "month": N_("Month")}
"""What a column of times is headed by."""
Value = str | int | float | Share | datetime


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
            if column.form == "time":
                head.append(_ZONE)
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
        rows = []
        for row in self.rows:
            cells = list(zip(self.columns, row, strict=True))
            found = {column.name: _as_json(value) for column, value in cells}
            for _, value in cells:
                if isinstance(value, datetime):
                    found[_ZONE] = str(value.tzinfo)
            rows.append(found)
        only = dict([self.only]) if self.only is not None else None
        whole: dict[str, Any] = {"table": self.name, "title": self.title, "note": self.note}
        whole |= {"filter": only, "rows": rows}
        return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"


def _as_csv(column: Column, value: Value) -> list[str]:
    if isinstance(value, Share):
        known = [] if value.interval is None else [value.value, *value.interval]
        share, *ends = [f"{each:.4f}" for each in known] or [""] * 3
        return [share, str(value.part), str(value.whole), *ends]
    if isinstance(value, datetime):
        return [value.isoformat(), str(value.tzinfo)]
    plain = column.form in ("count", "money", "points", "change")
    text = str(value) if plain else safe(str(_as_json(value)))
    return [text, *[""] * len(_PARTS)] if column.form in _SHARES else [text]


def _as_json(value: Value) -> Any:
    if isinstance(value, Share):
        return value.as_dict()
    return value.isoformat() if isinstance(value, datetime) else value
