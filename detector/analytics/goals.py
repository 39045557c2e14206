"""Goals of an owner, such as a blocked share below 20 %, and whether one is reached."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from detector.analytics.figures import Figures, Share

_FORM = re.compile(r"(blocked|allowed)\s*([<>])\s*([0-9]{1,2}(?:\.[0-9])?)\s*%?", re.ASCII)
REACHED, MISSED, OPEN = "reached", "missed", "open"
"""The interval is on the goal's side, on the other one, or contains the goal."""


class Goal(NamedTuple):
    """A share that is to be below or above a limit, 0 to 1."""

    measure: str
    """blocked or allowed."""
    below: bool
    limit: float

    @classmethod
    def read(cls, text: str) -> Goal:
        """Parse a goal such as `blocked<20`, in percent; ValueError for anything else."""
        found = _FORM.fullmatch(text.strip())
        if not found or not float(found[3]):
            raise ValueError(
                f"option goals: {text!r} is no goal: write one such as blocked<20 or allowed>5, "
                "in percent"
            )
        return cls(found[1], found[2] == "<", float(found[3]) / 100)

    def share(self, figures: Figures) -> Share:
        """Return the share that the goal is about."""
        return figures.state("blocked") if self.measure == "blocked" else _allowed(figures)

    def state(self, figures: Figures) -> str:
        """Return REACHED or MISSED if the interval of the share is on one side, else OPEN."""
        share = self.share(figures)
        if share.interval is None or share.few:
            return OPEN
        low, high = share.interval
        if low <= self.limit <= high:
            return OPEN
        return REACHED if (high < self.limit) == self.below else MISSED


def read_all(texts: Iterable[str]) -> tuple[Goal, ...]:
    """Parse goals, one for each measure at most; ValueError says what is wrong."""
    found = tuple(map(Goal.read, texts))
    if len({goal.measure for goal in found}) < len(found):
        raise ValueError("option goals: two goals for one share: leave one out")
    return found


def _allowed(figures: Figures) -> Share:
    return figures.action("allowed").share
