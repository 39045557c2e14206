"""The counts of a site's store: which request baits fell silent."""

from __future__ import annotations

from collections.abc import Iterator

from detector.analytics.baits import BaitHealth
from detector.doctor.findings import Finding, ok, warning

_CHECK = "counts"


def silent(found: BaitHealth) -> Iterator[Finding]:
    """Yield a warning for each bait that is silent, or that none is."""
    for bait in found.silent:
        silence = bait.silence
        assert silence
        yield warning(
            _CHECK,
            f"The bait {bait.path} has been silent since {bait.silent_since}: "
            f"{silence.missed:,} of {silence.asked:,} did not arrive in blocked views, of similar "
            f"baits {silence.others:.0%}.",
            "Its rule has probably gone: see with detector baits check LIST..., and pick a new "
            "pool or upgrade; with the option rotate_baits the site leaves it out meanwhile.",
        )
    if not found.silent:
        acting = sum(bait.state == "acts" for bait in found.baits)
        few = len(found.baits) - acting
        yield ok(_CHECK, f"No bait is silent: {acting} act, of {few} the store has no misses.")
