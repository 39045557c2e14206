"""Limits that hold over all processes of a site that share a store (option `shared_limits`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from detector.stats.rate import Rate

if TYPE_CHECKING:
    from detector.config import Config
    from detector.stats.counters import Counters
    from detector.stats.shared.claims import Claims


def limits(
    config: Config, counters: Counters, clock: Callable[[], float]
) -> tuple[Rate, Claims | None]:
    """Give the limit of clients and, where reports are counted once over all, what they wait in."""
    if not config.shared_limits:
        return Rate(clock), None
    from detector.stats.shared.claims import Claims
    from detector.stats.shared.drawers import Drawers

    # While a secret is being replaced, processes of before and after have the oldest in common.
    secret = (*config.previous_secrets, config.secret)[0]
    return Drawers(clock, counters.site, secret), Claims(counters, secret)
