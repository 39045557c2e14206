"""Counts as metrics of prometheus-client (extra `[prometheus]`), in its default registry.

They are served with the app's other metrics, also from several processes, as the library documents
(PROMETHEUS_MULTIPROC_DIR).
"""

from __future__ import annotations

from collections.abc import Mapping

from prometheus_client import Counter

from detector.core.counting.dimensions import Watcher
from detector.metrics.labels import HELP, by

__all__ = ["watcher"]

# Marginals, too: one series for each action and state, and one for each value of a dimension.
_EVENTS = Counter("detector_events", HELP, ("site", "action", "state"))
_BY = Counter(
    "detector_events_by", f"{HELP}, by one dimension", ("site", "action", "dimension", "value")
)


def watcher() -> Watcher:
    """Return the watcher that adds each event to the counters."""
    return count


def count(site: str, action: str, state: str, dims: Mapping[str, str]) -> None:
    """Add one event."""
    _EVENTS.labels(site, action, state).inc()
    for series in by(action, dims):
        _BY.labels(site, *series).inc()
