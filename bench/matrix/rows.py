"""All environments, and the functions that start each browser."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from bench.matrix import browsers, raw
from bench.matrix.blocked import blocked
from bench.matrix.browsers import NO_WAITING, Start, kit
from bench.matrix.changes import at_head
from bench.matrix.clean import clean
from bench.matrix.conditions import by_visit
from bench.matrix.devices import keyword_rows
from bench.matrix.engine_extensions import PACKAGES, engine_extension
from bench.matrix.engines import ENGINES, engine
from bench.matrix.environment import CLEAR, HIDDEN, Environment
from bench.matrix.extension import LABELS, extension
from bench.matrix.firewalled import RULES, firewall_rows, firewalled
from bench.matrix.harmless import HARMLESS, IN_PAGES, harmless, in_chromium, in_firefox
from bench.matrix.old_engine import old_rows, window
from bench.matrix.privoxy import ACTIONS, INSPECTED, privoxy
from bench.matrix.unreachable import ANSWERS, WAYS, mapped, resolver, unreachable

BROWSERS: dict[str, Start] = {
    "chromium": browsers.chromium,
    "chromium, raw": raw.raw_chromium,
    "firefox": kit("none-firefox"),
    "firefox, private": browsers.private_firefox,
    "firefox, tracking protection": kit("tracking-protection"),
    "firefox, own engine": kit("firefox-native"),
    "uBlock Origin": kit("ublock-origin"),
    "uBlock Origin, medium mode": browsers.medium_mode,
    **{f"firefox, {name}": engine_extension(name) for name in PACKAGES},
    **{f"firefox, {name}": in_firefox(name) for name in HARMLESS},
    "webkit": kit("none-webkit", launch=NO_WAITING),
    "webkit, rules": kit("content-blocker", launch=NO_WAITING),
    **{f"chromium, {name}": in_chromium(name) for name in IN_PAGES},
    **{f"chromium, firewall, {what}": firewalled(what) for what in RULES},
    "chromium 87": window("window"),
    "chromium 87, qutebrowser": window("qutebrowser"),
    "privoxy": privoxy(),
    **{f"privoxy, {what}": privoxy(what) for what in (*ACTIONS, INSPECTED)},
    **{f"chromium, {kind}": extension(kind) for kind in LABELS},
    **{f"chromium, {name}": engine(name) for name in ENGINES},
    **{f"chromium, {way}": mapped(way) for way in WAYS},
    "chromium, refused": kit("dns"),
    **{f"chromium, resolver, {way}": resolver(way) for way in ANSWERS},
}


def environments() -> list[Environment]:
    """Return every environment, grouped by browser."""
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
        *harmless(),
        *blocked(),
        *unreachable(),
        *keyword_rows(),
        *firewall_rows(),
        *old_rows(),
    ]
    order = list(BROWSERS)
    return sorted(rows, key=lambda row: order.index(row.browser))
