"""Finds the alarms of a store: shares that jumped, silent baits, an old pool, no reports."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import UTC, date, datetime

from detector.analytics.baits import bait_health
from detector.core.baits import pool as baits
from detector.core.baits.pool import Pool
from detector.core.counting.store import Store
from detector.watch.alarm import Alarm, name_of
from detector.watch.jumps import WEEK, WEEKS, jump
from detector.watch.shares import SHARES, by_hour

_LATELY = 14 * 24
"""A silent bait that was not asked for in so many hours has been left out or replaced."""


def examine(
    store: Store,
    pool: Pool,
    now: float,
    *,
    site: str | None,
    silent_hours: int,
    told: Collection[str] = (),
) -> list[Alarm]:
    """Return the alarms of a site (None: of every site); StoreError like the store.

    `told` are the names of the alarms that were reported already: a jump among them lasts until it
    is clearly over.
    """
    found = list(_pool(pool, now))
    for name in [site] if site else store.sites():
        found += [*_reports(store, name, now, silent_hours), *_jumps(store, name, now, told)]
        found += _baits(store, name, now)
    return found


def _pool(pool: Pool, now: float) -> Iterator[Alarm]:
    age = (datetime.fromtimestamp(now, UTC).date() - date.fromisoformat(pool.date)).days
    if age > baits.FRESH_DAYS:
        yield Alarm(
            "old-pool", "",
            f"The baits were last checked on {pool.date}, {age} days ago.",
            "Upgrade adblock-detector, or: detector baits pick LIST... --brave LIST --out FILE.",
        )  # fmt: skip


def _reports(store: Store, site: str, now: float, silent_hours: int) -> Iterator[Alarm]:
    hour = int(now // 3600)
    rows = store.sums("all", site=site, since=hour - WEEK * WEEKS, step=1)
    heard = [row.hour for row in rows if row.action == "verdict"]
    if heard and max(heard) <= hour - silent_hours:
        last = datetime.fromtimestamp(max(heard) * 3600, UTC).strftime("%Y-%m-%d %H:00")
        yield Alarm(
            "no-report", site,
            f"No report has been counted since the hour of {last} UTC.",
            "See whether the site is up, writes to this store, and has its tag: "
            "detector doctor URL.",
        )  # fmt: skip


def _jumps(store: Store, site: str, now: float, told: Collection[str]) -> Iterator[Alarm]:
    end = int(now // 3600)
    hours = by_hour(store, site, end)
    for name, share in SHARES.items():
        keys = (f"{name}-down", f"{name}-up")
        fell, risen = (name_of(key, site) in told for key in keys)
        found = jump(hours[name], end, told=risen - fell)
        if found is None or (found.score < 0 and not share.falls):
            continue
        rose = found.score > 0
        now_, before = found.now, found.before
        yield Alarm(
            keys[rose],
            site,
            f"{'More' if rose else 'Fewer'} are {share.title}: "
            f"{now_.part / now_.whole:.1%} of {now_.whole:,} in the last 6 hours, "
            f"{before.part / before.whole:.1%} of {before.whole:,} in the same hours of the four "
            "weeks before.",
            share.rises if rose else share.falls,
        )


def _baits(store: Store, site: str, now: float) -> Iterator[Alarm]:
    for bait in bait_health(store, now, site).silent:
        silence = bait.silence
        if silence and silence.last > int(now // 3600) - _LATELY:
            yield Alarm(
                f"bait:{bait.reach}:{bait.path}",
                site,
                f"The bait {bait.path} has been silent since {bait.silent_since}: "
                f"{silence.missed:,} of {silence.asked:,} did not arrive in blocked views, "
                f"of similar baits {silence.others:.0%}.",
                "Its rule has probably gone: detector baits check LIST...; with rotate_baits the "
                "site leaves it out by itself.",
            )
