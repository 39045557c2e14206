"""Answer an owner's first questions from a store's rows."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from detector.stats.counters import ALL, NOTICE_ACTIONS, REASONS, STATES
from detector.stats.store import Store

_ACCUSING = ("blocked", "unreachable")


@dataclass(frozen=True, slots=True)
class Summary:
    """Counts of events; views without a verdict are in no share."""

    views: int
    verdicts: dict[str, int]
    """By state, with each view that was revised from clear to unreachable under its last state."""
    kinds: dict[str, int]
    """Of the blocked and unreachable views, by the best guess at what acts."""
    actions: dict[str, int]
    """What was shown and done, by notice action."""
    refused: dict[str, int]
    """Reports that were not counted, by reason."""
    corrected: int
    revised: int
    dropped: int
    errors: int

    @property
    def verdict_count(self) -> int:
        """The denominator of `blocked_share`."""
        return sum(self.verdicts.values())

    @property
    def blocked_share(self) -> float | None:
        """Blocked views as a share of verdicts (not of views), 0 to 1; None without verdicts."""
        return self.verdicts["blocked"] / self.verdict_count if self.verdict_count else None

    def as_dict(self) -> dict[str, Any]:
        """Give all figures with plain types, as JSON wants them."""
        return {
            "views": self.views,
            "verdicts": dict(self.verdicts),
            "verdict_count": self.verdict_count,
            "blocked_share": self.blocked_share,
            "kinds": dict(self.kinds),
            "actions": dict(self.actions),
            "refused": dict(self.refused),
            "corrected": self.corrected,
            "revised": self.revised,
            "dropped": self.dropped,
            "errors": self.errors,
        }


def summary(store: Store, since_hour: int | None = None, site: str | None = None) -> Summary:
    """Add up the rows from that hour on and of that site (None: all); StoreError as the store's."""
    totals: Counter[str] = Counter()
    states: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    revised: Counter[str] = Counter()
    for (_, _, dimension, value, state, action), count in store.rows(since_hour, site):
        if dimension == ALL:
            totals[action] += count
            if action == "verdict":
                states[state] += count
            elif action == "revised":
                revised[state] += count
        elif dimension == "kind" and action in ("verdict", "revised") and state in _ACCUSING:
            kinds[value] += count
        elif dimension == "reason" and action == "refused":
            reasons[value] += count
    # The verdict of a revised view may lie before `since_hour`, or in a flush yet to come.
    moved = min(revised["unreachable"], states["clear"])
    states["clear"] -= moved
    states["unreachable"] += moved
    return Summary(
        views=totals["view"],
        verdicts={state: states[state] for state in STATES},
        kinds=dict(kinds.most_common()),
        actions={action: totals[action] for action in NOTICE_ACTIONS},
        refused={reason: reasons[reason] for reason in REASONS if reasons[reason]},
        corrected=totals["corrected"],
        revised=totals["revised"],
        dropped=totals["dropped"],
        errors=totals["error"],
    )
