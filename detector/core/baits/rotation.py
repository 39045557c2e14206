"""Leaves out the baits that fell silent: once a day, by the thread that writes the counts.

Every process reads the same counts, up to the last hour but one of yesterday, so all of them leave
out the same baits, and from the day on which the choice changes anyway.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable

from detector.core.baits.pool import Pool, PoolError, switched_off
from detector.core.baits.silence import DAYS, Bait, baits, by_bait
from detector.core.baits.site_baits import Baits
from detector.core.config.options import Config
from detector.core.counting.dimensions import BAIT
from detector.core.counting.store import Store
from detector.core.reports.asked_baits import bait_name

_log = logging.getLogger("detector")


def rotate(store: Store, site: str, hour: int, config: Config, of: Iterable[Baits]) -> None:
    """Leave out what is silent by the counts before the day of `hour`; never raises."""
    until = hour - hour % 24
    try:
        # A process whose last flush of yesterday was late must not decide alone.
        sums = store.sums(BAIT, site=site, since=until - DAYS * 24, until=until - 1, step=24)
    except Exception as error:
        _log.warning("detector: which baits are silent is not known today: %s", ascii(str(error)))
        return
    silent = [bait for bait in baits(by_bait(sums)) if bait.silent]
    told: set[str] = set()
    for each in of:
        off, left_out = without(each.pool, config.without_baits, silent)
        for bait in left_out if off - each.off else ():
            if bait.name not in told:
                _tell(bait)
                told.add(bait.name)
        each.off = off


def without(
    pool: Pool, switched: Collection[str], silent: Iterable[Bait]
) -> tuple[frozenset[int], list[Bait]]:
    """Return the numbers of the baits to leave out besides those that are switched off.

    And the silent ones among them: fewer where a verdict would need them.
    """
    off, left_out = switched_off(pool, switched), []
    paths = {bait_name(entry.path, entry.everywhere): entry.path for entry in pool.requests}
    gone = list(switched)
    for bait in silent:
        if bait.name not in paths:
            continue
        try:
            off = switched_off(pool, [*gone, paths[bait.name]])
        except PoolError:
            continue
        gone.append(paths[bait.name])
        left_out.append(bait)
    return off, left_out


def _tell(bait: Bait) -> None:
    """Name a bait in the log: once in each process, until another falls silent."""
    silent = bait.silent
    assert silent
    _log.warning(
        "detector: the bait %s fell silent and is left out (%d of %d asked were missed, of the "
        "others %.0f %%): see whether its rule has gone: detector baits check LIST...",
        *(bait.name, silent.missed, silent.asked, 100 * silent.others),
    )
