"""What is counted, and how many rows that can need.

Only marginals are stored: one row for all events, one for each dimension by itself and one for each
pair that the owner named, never the full cube, so that the number of rows stays small and what one
view adds is not kept together.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping

from detector.core.vocabulary import (
    ACTIONS,
    DIMENSIONS,
    HEALTH_ACTIONS,
    PAGE_ACTIONS,
    STATES,
    TEST_ACTIONS,
)

Key = tuple[int, str, str, str, str, str]
"""Hour (unix seconds // 3600), site, dimension, value, state, action."""

Watcher = Callable[[str, str, str, Mapping[str, str]], None]
"""Called with the site, action, state and dimensions of one event; must not raise."""

ALL = "all"
OPEN = {"locale": 64, "variant": 16, "group": 500}
"""How many values of each open dimension a process distinguishes; all others are "other"."""
_SIZES = {name: len(values) for name, values in DIMENSIONS.items()}
_SIZES |= {name: most + 1 for name, most in OPEN.items()}

BAIT = "bait"
"""The dimension of the request baits; a verdict's value has all of the view's, as a text."""

GROUP_LENGTH = 64
JOIN = "+"
"""Separates the dimensions of a pair, and their values."""

_BY_VIEW = (*(name for name in DIMENSIONS if name not in ("reason", "signals")), *OPEN)
_BY_SESSION = ("browser", "device", "variant", "group")
"""What is known of a session that has a variant, whether its notice is shown or not."""
_STATELESS = (
    *("page", "page-shared", *PAGE_ACTIONS, "passed"),
    *("ad-free", "view", "recovered", "disputed", *TEST_ACTIONS),
)
_ALLOWED = {action: frozenset(_BY_VIEW) for action in ACTIONS}
_ALLOWED |= {action: frozenset[str]() for action in HEALTH_ACTIONS}
_ALLOWED |= {action: frozenset({"group"}) for action in PAGE_ACTIONS}
_ALLOWED |= {action: frozenset(_BY_SESSION) for action in TEST_ACTIONS}
_ALLOWED["verdict"] |= {BAIT}
_ALLOWED |= {"passed": frozenset({*_BY_VIEW, "reason"}), "refused": frozenset({"reason"})}
_ALLOWED |= {"disputed": frozenset({*_BY_VIEW, "signals"})}
MOST_ROWS = 315_000
"""How many rows an hour the option `pairs` may ask for."""


def pair_of(names: Iterable[str]) -> str:
    """Return the name of a pair of dimensions in any order; ValueError for anything else."""
    found = tuple(names)
    if len(found) != 2 or found[0] == found[1] or not set(found) <= set(_BY_VIEW):
        raise ValueError(f"{found!r} is not a pair of two of: {', '.join(_BY_VIEW)}")
    # The last value of a pair may contain any character, even the separator: groups come last.
    return JOIN.join(sorted(found, key=_BY_VIEW.index))


def rows_per_hour(pairs: Iterable[str] = ()) -> int:
    """Return the most rows that one hour of one site can have, whatever is reported.

    Each event has one row for "all" and one for each of its dimensions and pairs, under its action
    and state; an open dimension has one value more than its limit, "other". Without pairs the most
    are about 30,000.
    """
    pairs = tuple(pairs)
    stated = len(ACTIONS) - len(HEALTH_ACTIONS) - len(_STATELESS)
    kinds = len(_STATELESS) - len(PAGE_ACTIONS) - len(TEST_ACTIONS) + stated * (len(STATES) + 1)
    rows = kinds * _rows_of(_BY_VIEW, pairs) + len(TEST_ACTIONS) * _rows_of(_BY_SESSION, pairs)
    # Of refused reports and of views that were not probed; of disputed notices; of path groups.
    rows += 2 * _SIZES["reason"] + _SIZES["signals"]
    rows += len(PAGE_ACTIONS) * _rows_of(("group",), pairs)
    baits = 2 * 64 + 1  # asked and missed, of the most that reports can name; none of them
    return rows + len(HEALTH_ACTIONS) + baits


def _rows_of(dimensions: Iterable[str], pairs: Iterable[str]) -> int:
    """Return the most rows of one action and state that is counted by these dimensions."""
    known = set(dimensions)
    both = [names for pair in pairs if known.issuperset(names := pair.split(JOIN))]
    rows = 1 + sum(_SIZES[name] for name in known)
    return rows + sum(math.prod(_SIZES[name] for name in names) for names in both)


def bait_rows(dims: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield each bait of a verdict with "asked", and one that is marked by ! with "missed" too."""
    for bait in dims.get(BAIT, "").split():
        yield bait.lstrip("!"), "asked"
        if bait[0] == "!":
            yield bait[1:], "missed"


def check(action: str, state: str, dims: Mapping[str, str]) -> None:
    """Raise ValueError for an event that cannot be counted."""
    if action not in ACTIONS:
        raise ValueError(f"action {action!r} is none of: {', '.join(ACTIONS)}")
    if state and (state not in STATES or action in _STATELESS or action in HEALTH_ACTIONS):
        raise ValueError(f"state {state!r} is none of: {', '.join(STATES)}, or not for {action}")
    for dimension, value in dims.items():
        if dimension not in _ALLOWED[action]:
            known = ", ".join(sorted(_ALLOWED[action])) or "nothing"
            raise ValueError(f"dimension {dimension!r} is none of: {known} (for {action})")
        allowed = DIMENSIONS.get(dimension)
        if allowed is not None and value not in allowed:
            raise ValueError(f"{dimension} {value!r} is none of: {', '.join(sorted(allowed))}")
