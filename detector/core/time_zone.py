"""Reads a time zone by its IANA name."""

from __future__ import annotations

import difflib
from datetime import UTC, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, available_timezones


def time_zone(name: Any) -> tzinfo:
    """Return the zone of a name such as Europe/Berlin; ValueError says what is wrong with it."""
    if name == "UTC":
        return UTC
    known = available_timezones()
    if name in known:
        return ZoneInfo(name)
    if not known:
        raise ValueError("this machine has no time zones: pip install tzdata, or use UTC")
    lower = {each.lower(): each for each in known}
    near = difflib.get_close_matches(str(name)[:64].lower(), lower, n=1)
    hint = f"did you mean {lower[near[0]]}?" if near else "write a name such as Europe/Berlin"
    raise ValueError(f"{str(name)[:64]!r} is no time zone; {hint}")
