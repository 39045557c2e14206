"""Passes counts on to the owner's metrics system: Prometheus, OpenTelemetry.

Only values of closed sets become labels: path groups, variants and locales are left out.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from importlib import import_module

from detector.core.counting.dimensions import Watcher

_log = logging.getLogger("detector")
_MODULES = {
    "prometheus": "detector.metrics.prometheus",
    "opentelemetry": "detector.metrics.opentelemetry",
}
"""The modules whose `watcher()` is called, by option: each needs its library."""


def watchers(**options: bool) -> tuple[Watcher, ...]:
    """Return the watchers that options such as `prometheus=True` switch on.

    Each one's library is imported only then.
    """
    names = [name for name, on in options.items() if on]
    return tuple(_guarded(import_module(_MODULES[name]).watcher()) for name in names)


def _guarded(watcher: Watcher) -> Watcher:
    """Keep a library's exceptions away from the request that is being counted."""

    def count(site: str, action: str, state: str, dims: Mapping[str, str]) -> None:
        try:
            watcher(site, action, state, dims)
        except Exception:
            _log.debug("detector: a count was not passed on", exc_info=True)

    return count
