"""Days, weeks and months in the owner's time zone, made of what a store keeps.

A store keeps the hours of UTC, and of what is over 30 days old only the days of UTC. So old days
are those of UTC in every time zone, and an hour belongs to the day in which it begins.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final

from detector.core.counting.store import borders

HOUR, DAY = 3600, 24 * 3600


@dataclass(frozen=True, slots=True)
class LocalDays:
    """The days of a time zone; all times are Unix seconds."""

    zone: tzinfo = UTC
    border: int = 0
    """Before it days are those of UTC; 0 if they always are."""

    @classmethod
    def of(cls, zone: tzinfo, now: float) -> LocalDays:
        """Return the days of a time zone as they are now."""
        return cls() if zone is UTC else cls(zone, borders(int(now // HOUR))[0] * HOUR)

    @property
    def name(self) -> str:
        """Return the name of the time zone."""
        return str(self.zone)

    def at(self, seconds: int) -> datetime:
        """Return a time in the time zone, or in UTC where only days of UTC are kept."""
        return datetime.fromtimestamp(seconds, UTC if seconds < self.border else self.zone)

    def day(self, seconds: int) -> date:
        """Return the day that the hour of a time belongs to."""
        return self.at(seconds // HOUR * HOUR).date()

    def local(self, seconds: int) -> datetime:
        """Return a moment in the time zone, however old."""
        return datetime.fromtimestamp(seconds, self.zone)

    def midnight(self, day: date) -> int:
        """Return the midnight of the time zone with which a day begins, however old."""
        return int(datetime.combine(day, time(), self.zone).timestamp())

    def start(self, day: date) -> int:
        """Return the beginning of the first hour that belongs to a day or to a later one."""
        midnight = int(datetime.combine(day, time(), UTC).timestamp())
        if self.zone is UTC or midnight < self.border:
            return midnight
        return max(self.border, self._midnight(day))

    def bucket(self, seconds: int, step: str) -> int:
        """Return the start of the hour, day, week or month that the hour of a time belongs to."""
        if step == "hour":
            return seconds // HOUR * HOUR
        return self.start(_first(self.day(seconds), step))

    def following(self, start: int, step: str) -> int:
        """Return the start of the next hour, day, week or month."""
        if step == "hour":
            return start + HOUR
        day = _first(self.day(start), step)
        days = {"day": 1, "week": 7, "month": 32}[step]
        return self.start(_first(day + timedelta(days=days), step))

    def is_mixed(self, start: int) -> bool:
        """Whether the day that begins then is neither one of UTC nor one of the time zone.

        That is the one at the border: hours of it are missing, or it has some of the next.
        """
        end = self.following(start, "day")
        return start < self.border < end or (
            0 < start == self.border != self._midnight(self.day(start))
        )

    def hours(self, start: int) -> int:
        """Return how many hours the day has that begins then: 23 or 25 where the clock changes."""
        return (self.following(start, "day") - start) // HOUR

    def begin_on_the_hour(self, *times: int) -> bool:
        """Whether midnight is the start of an hour of UTC at these times, as it is not in India."""
        offsets = (self.at(at).utcoffset() or timedelta() for at in times)
        return not any(offset.seconds % HOUR for offset in offsets)

    def _midnight(self, day: date) -> int:
        local = datetime.combine(day, time(), self.zone).timestamp()
        return -int(-local // HOUR) * HOUR


UTC_DAYS: Final = LocalDays()
"""The days of UTC: those of whoever has chosen no time zone."""


def _first(day: date, step: str) -> date:
    if step == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if step == "month" else day
