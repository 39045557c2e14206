"""Passes counts on to metrics that the owner has already: Prometheus, OpenTelemetry.

Only closed words become labels: neither sees path groups, variants or locales.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING

from detector.stats.counters import Watcher

if TYPE_CHECKING:
    from detector.config import Config

_log = logging.getLogger("detector")
LABELS = ("kind", "browser", "device", "mode", "reason")
HELP = "Events that adblock-detector counted"


def watchers(config: Config) -> tuple[Watcher, ...]:
    """Give what the options switch on; each library is imported only then."""
    found: list[Watcher] = []
    if config.prometheus:
        from detector.stats.prometheus import count

        found.append(count)
    if config.opentelemetry:
        from detector.stats.opentelemetry import Meter

        found.append(Meter())
    return tuple(map(_guarded, found))


def _guarded(watcher: Watcher) -> Watcher:
    """Keep what a library raises from the request that is being counted."""

    def count(site: str, action: str, state: str, dims: Mapping[str, str]) -> None:
        try:
            watcher(site, action, state, dims)
        except Exception:
            _log.debug("detector: a count was not passed on", exc_info=True)

    return count
