"""The modes of the notice, and which of them a page view gets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any, Final, NamedTuple

from detector.core.vocabulary import KINDS_OR_UNSURE, TABLE_OF_MODES

STYLES: Final = {mode.name: mode.style for mode in TABLE_OF_MODES if mode.style}
"""Modes whose style rules come with the texts."""

WALL_WARNING: Final = (
    "notice %s blocks reading. Three of four people leave at a wall (PageFair 2017), filter lists "
    "hide insistent walls, search engines penalize hidden content, and in some countries the law "
    "requires a way to continue. soft-wall asks as clearly and lets people read on"
)


class Rule(NamedTuple):
    """One entry of the option `notice_rules`: where all its parts match, `notice` is the mode."""

    notice: str
    paths: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()

    def fits_path(self, path: str) -> bool:
        """Whether the rule matches a page's path; * matches anything."""
        return not self.paths or any(fnmatchcase(path, pattern) for pattern in self.paths)


def rules(given: Iterable[Mapping[str, Any]]) -> tuple[Rule, ...]:
    """Build the rules from validated entries."""
    parts = ("paths", "devices", "kinds")
    return tuple(
        Rule(entry["notice"], *(tuple(entry.get(part, ())) for part in parts)) for entry in given
    )


def fitting(rules: Sequence[Rule], path: str) -> int:
    """Return the rules that match a path as bits, the first rule the lowest."""
    return sum(1 << place for place, rule in enumerate(rules) if rule.fits_path(path))


def choose(notice: str, rules: Sequence[Rule], bits: int | None, device: str) -> dict[str, str]:
    """Return the mode for each kind of one page view: the first matching rule's, else `notice`.

    `bits` are those of `fitting`, or None if the page's path is not known, so that rules with paths
    match nothing.
    """
    found = {}
    for kind in KINDS_OR_UNSURE:
        found[kind] = notice
        for place, rule in enumerate(rules):
            on_path = not rule.paths if bits is None else bits >> place & 1
            fits = on_path and (not rule.devices or device in rule.devices)
            if fits and (not rule.kinds or kind in rule.kinds):
                found[kind] = rule.notice
                break
    return found
