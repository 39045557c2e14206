"""All environments, and what starts each browser."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from bench.matrix import browsers, raw
from bench.matrix.blocked import blocked
from bench.matrix.browsers import Start
from bench.matrix.changes import at_head
from bench.matrix.clean import clean
from bench.matrix.conditions import by_visit
from bench.matrix.environment import CLEAR, HIDDEN, Environment
from bench.matrix.extension import LABELS, extension
from bench.matrix.unreachable import WAYS, mapped, privoxy, resolver, unreachable

BROWSERS: dict[str, Start] = {
    "chromium": browsers.chromium,
    "chromium, raw": raw.raw_chromium,
    "firefox": browsers.firefox,
    "firefox, private": partial(browsers.firefox_alone, prefs=browsers.PRIVATE_PREFS),
    "firefox, tracking protection": partial(browsers.firefox, prefs=browsers.TRACKING_PREFS),
    "uBlock Origin": browsers.ublock_origin,
    "uBlock Origin, medium mode": partial(browsers.ublock_origin, medium=True),
    "webkit": browsers.webkit,
    "webkit, rules": partial(browsers.webkit, rules=True),
    "privoxy": privoxy,
    **{f"chromium, {kind}": extension(kind) for kind in LABELS},
    **{f"chromium, {way}": mapped(way) for way in WAYS},
    **{f"chromium, resolver, {way}": resolver(way) for way in WAYS},
}


def environments() -> list[Environment]:
    """Return every environment, those of one browser behind one another."""
    late = partial(Environment, group="clean", browser="chromium, raw", holds=by_visit)
    unseen = ((HIDDEN + CLEAR[0], None),)
    before = {"/files/before": ("text/html", raw.BEFORE.encode())}
    rows = [
        *clean(),
        late("hidden tab", wanted=unseen, how="loaded behind another tab", visit=raw.hidden),
        late(
            "prerendered",
            wanted=unseen,
            how="by speculation rules, shown seconds later",
            site=replace(at_head(raw.READY), files=before),
            visit=raw.prerendered,
        ),
        *blocked(),
        *unreachable(),
    ]
    order = list(BROWSERS)
    return sorted(rows, key=lambda row: order.index(row.browser))
