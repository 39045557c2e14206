"""Counts as OpenTelemetry metrics (extra `[opentelemetry]`), through the app's own provider."""

from __future__ import annotations

from collections.abc import Mapping

from opentelemetry import metrics

from detector import __version__
from detector.core.counting.dimensions import Watcher
from detector.metrics.labels import HELP, by

__all__ = ["watcher"]


def watcher() -> Watcher:
    """Return the watcher that adds each event to the meter."""
    return Meter()


class Meter:
    """Adds each event to `detector.events`, and to `detector.events_by` for each dimension."""

    def __init__(self) -> None:
        meter = metrics.get_meter("detector", __version__)
        self._events = meter.create_counter("detector.events", "1", HELP)
        self._by = meter.create_counter("detector.events_by", "1", f"{HELP}, by one dimension")

    def __call__(self, site: str, action: str, state: str, dims: Mapping[str, str]) -> None:
        """Add one event."""
        self._events.add(1, {"site": site, "action": action, "state": state})
        for what, dimension, value in by(action, dims):
            self._by.add(1, {"site": site, "action": what, "dimension": dimension, "value": value})
