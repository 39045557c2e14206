"""Which request baits blockers act on, and since when one is silent."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from detector.analytics.export import safe
from detector.analytics.figures import Share
from detector.core.baits import silence
from detector.core.counting.dimensions import ALL, BAIT
from detector.core.counting.store import Store
from detector.core.printable import printable
from detector.core.reports.asked_baits import NONE

_WHOLE = "blocked views in which it was asked for"


@dataclass(frozen=True, slots=True)
class BaitFigures:
    """One bait."""

    path: str
    reach: str
    """everywhere, or full: it acts in full lists only."""
    missed: Share
    silence: silence.Silence | None
    """By the latest 90 days, whatever was asked for."""

    @property
    def silent_since(self) -> str:
        """Return the date of its first silent day, "" if it is not silent."""
        return day(self.silence.since) if self.silence else ""

    @property
    def silent_day(self) -> str:
        """Return that date with its time zone: silence is judged by days of UTC."""
        return f"{self.silent_since} (UTC)"

    @property
    def state(self) -> str:
        """Return in words whether blockers act on it."""
        if self.silence:
            return f"silent since {self.silent_day}"
        return "acts" if self.missed.part else "too few to say"

    def as_dict(self) -> dict[str, Any]:
        """Return it with plain types."""
        silent = self.silence and {
            "since": self.silent_since,
            "asked": self.silence.asked,
            "missed": self.silence.missed,
            "others": round(self.silence.others, 4),
        }
        missed = self.missed.as_dict()
        return {"bait": self.path, "reach": self.reach, "missed": missed, "silent": silent}


@dataclass(frozen=True, slots=True)
class BaitHealth:
    """All baits of a span, the silent ones first."""

    baits: tuple[BaitFigures, ...]
    none_failed: Share
    """The blocked views in which no request failed: known by hidden elements alone."""

    @property
    def silent(self) -> tuple[BaitFigures, ...]:
        """Return the baits that are silent."""
        return tuple(bait for bait in self.baits if bait.silence)

    def as_dict(self) -> dict[str, Any]:
        """Return all figures with plain types, for JSON."""
        baits = [bait.as_dict() for bait in self.baits]
        return {"baits": baits, "none_failed": self.none_failed.as_dict()}


def bait_health(
    store: Store,
    now: float,
    site: str | None = None,
    since: int | None = None,
    until: int | None = None,
) -> BaitHealth:
    """Read the counts of baits between two times in Unix seconds; StoreError like the store.

    Silence is judged by the 90 days up to `until`, or up to `now`.
    """
    end = -(-int(now if until is None else until) // 3600)
    hours = (None if since is None else since // 3600, None if until is None else end)
    latest = store.sums(BAIT, site=site, since=end - silence.DAYS * 24, until=end, step=24)
    silent = {bait.name: bait.silent for bait in silence.baits(silence.by_bait(latest))}
    asked: dict[str, list[int]] = {name: [0, 0] for name in silent}
    none = 0
    for row in store.sums(BAIT, site=site, since=hours[0], until=hours[1]):
        if row.value == NONE:
            none += row.n
        else:
            asked.setdefault(row.value, [0, 0])[row.action == "missed"] += row.n
    blocked = sum(
        row.n
        for row in store.sums(ALL, site=site, since=hours[0], until=hours[1])
        if row.action == "verdict" and row.state == "blocked"
    )
    found = [
        BaitFigures(*_parts(name), Share(missed, of, _WHOLE), silent.get(name))
        for name, (of, missed) in asked.items()
    ]
    found.sort(key=lambda bait: (not bait.silence, bait.reach, -bait.missed.whole))
    return BaitHealth(tuple(found), Share(none, blocked, "blocked views"))


def bait_table(found: BaitHealth) -> str:
    """Return a row for each bait, as text."""
    rows = [("bait", "acts in", "asked", "missed", "share", "state")]
    for bait in found.baits:
        missed = bait.missed
        counts = (f"{missed.whole:,}", f"{missed.part:,}", _percent(missed))
        rows.append((printable(bait.path), WHERE[bait.reach], *counts, bait.state))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        cells = [
            text.rjust(width) if column in (2, 3, 4) else text.ljust(width)
            for column, (text, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    lines.append("asked and missed are blocked views in which a blocker acted at the bait's reach")
    if (none := found.none_failed).whole:
        lines.append(f"{none.part:,} of {none.whole:,} blocked views had no failed request")
    return "\n".join(lines) + "\n"


def bait_csv(found: BaitHealth) -> str:
    """Return a line for each bait."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(["bait", "reach", "asked", "missed", "silent_since"])
    for bait in found.baits:
        counts = (bait.missed.whole, bait.missed.part)
        writer.writerow([safe(bait.path), bait.reach, *counts, bait.silent_since])
    return out.getvalue()


WHERE = {"everywhere": "all blockers", "full": "full lists", "": ""}
"""A bait's reach in words."""


def day(hour: int) -> str:
    """Return the date of an hour since 1970, in UTC."""
    return datetime.fromtimestamp(hour * 3600, UTC).date().isoformat()


def _parts(name: str) -> tuple[str, str]:
    reach, colon, path = name.partition(":")
    return (path, reach) if colon and reach in WHERE else (name, "")


def _percent(share: Share) -> str:
    few = "few " if share.few else ""
    return "" if share.value is None else f"{few}{share.value:.1%}"
