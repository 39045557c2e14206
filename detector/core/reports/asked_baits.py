"""Which request baits of a blocked view were asked for, and which of them did not arrive.

Nothing more is sent for it: the report names the baits that failed, and the server knows the day's
choice. A bait is counted as asked only in views in which a blocker was seen to act at its reach,
since Brave's standard mode lets the baits of full lists pass: they are not dead for that.
docs/decisions/0072-count-each-bait.md has the reasons.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from zlib import crc32

from detector.core.baits.site_baits import Baits, Choice
from detector.core.counting.dimensions import BAIT, GROUP_LENGTH
from detector.core.reports.parser import Report

EVERYWHERE, FULL = "everywhere:", "full:"
"""Where a bait acts; begins its name in the counts, since rates are compared at the same reach."""
NONE = "none"
"""Stands for a blocked view without any failed request."""

_DAY = 24 * 3600
_FIRST = 2


def bait_name(path: str, everywhere: bool) -> str:
    """Return a bait's name in the counts: its reach and its path, the same in every pool.

    One that is too long for a value of a store ends with a checksum instead.
    """
    name = (EVERYWHERE if everywhere else FULL) + path
    if len(name) <= GROUP_LENGTH:
        return name
    return f"{name[: GROUP_LENGTH - 9]}~{crc32(name.encode()):08x}"


def asked_baits(
    baits: Iterable[Baits], signed: int, report: Report, arrived: frozenset[int]
) -> Mapping[str, str]:
    """Return the dimension `bait` of a blocked view, for `dimensions.bait_rows`.

    `signed` is when the view began, in Unix seconds; `arrived` are the baits that it is known to
    have loaded. Empty when the failed baits are not of that day's choice: of a view that began
    under another pool, or before a bait was rotated out.
    """
    failed = frozenset(report.failed)
    if not failed:
        return {BAIT: NONE}
    for each in baits:
        choice = each.choose(signed // _DAY)
        if failed <= {bait.number for bait, _ in choice.requests}:
            return {BAIT: _told(each, choice, failed - arrived)} if failed - arrived else {}
    return {}


def _told(baits: Baits, choice: Choice, missed: frozenset[int]) -> str:
    asked = [bait.number for bait, _ in choice.requests]
    # The others are asked for later; the report may leave before their outcome is known.
    if not missed & set(asked[_FIRST:]):
        asked = asked[:_FIRST]
    everywhere = {number: baits.pool.requests[number].everywhere for number in asked}
    full = not all(everywhere[number] for number in missed)
    return " ".join(
        "!" * (number in missed) + bait_name(baits.pool.requests[number].path, everywhere[number])
        for number in asked
        if full or everywhere[number]
    )
