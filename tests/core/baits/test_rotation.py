"""Tests of detector.core.baits.rotation: silent baits are left out, in every process, and named."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from detector.core.baits.pool import PoolError, load, switched_off
from detector.core.baits.rotation import rotate, without
from detector.core.baits.silence import DAYS as SILENT_DAYS
from detector.core.baits.silence import Bait
from detector.core.baits.site_baits import Baits
from detector.core.config.loading import make_config
from detector.core.counting.store import Store, Sum
from detector.core.errors import StoreError
from detector.core.reports.asked_baits import bait_name
from detector.core.served_names import ServedNames
from detector.core.site import Site
from detector.stores.sqlite.store import SqliteStore
from tests.conftest import SECRET, Clock
from tests.support.bait_field import FIRST_DAY, Field
from tests.support.servers import until

POOL = load()
DIED, DAYS = 3, 40
SWITCHED = 19
LOG = "detector"


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a store of 40 days, in which one bait died on day 10."""
    path = tmp_path_factory.mktemp("filled") / "counts.sqlite"
    store = SqliteStore(path)
    field = Field(7, lambda number, day: number == DIED and day >= 10, views=120)
    for rows in field.days(DAYS):
        store.add({(row.hour, "site", "bait", row.value, "", row.action): row.n for row in rows})
    store.close()
    return path


@pytest.fixture
def start(filled: Path, clock: Clock) -> Iterator[Callable[..., Site]]:
    """Yield a function that starts a process of the site on the day after, and counts a view."""
    clock.now = (FIRST_DAY + DAYS) * 86_400.0 + 60
    made: list[Site] = []

    def site(name: str = "site", **options: Any) -> Site:
        given = {"secret": SECRET, "store": str(filled), "flush_seconds": 0.1, **options}
        made.append(Site(make_config(**given), clock, name=name))
        made[-1].count("view")
        return made[-1]

    yield site
    for each in made:
        each.close()


def off(site: Site) -> frozenset[int]:
    """Return the baits that a site leaves out."""
    return site.baits[site.names.prefix].off


class Kept:
    """A store of three days, in which one bait was never missed."""

    def sums(self, dimension: str, **_: object) -> list[Sum]:
        """Return what was asked and missed."""
        return [
            Sum(24 * day, bait_name(entry.path, entry.everywhere), "", action, n)
            for day in range(3)
            for number, entry in enumerate(POOL.requests)
            for action, n in (("asked", 100), ("missed", 0 if number == DIED else 90))
        ]


def test_what_is_left_out_is_named_once(caplog: pytest.LogCaptureFixture) -> None:
    """A process leaves a bait out under each of its secrets, and names it in the log once."""
    config = make_config(secret=SECRET, without_baits=[POOL.requests[SWITCHED].path])
    kept = frozenset({SWITCHED})
    of = [Baits(ServedNames(f"secret {n} of a site"), POOL, kept) for n in range(2)]
    for _ in range(2):
        rotate(cast(Store, Kept()), "site", 72, config, of)
        assert [each.off for each in of] == [{SWITCHED, DIED}] * 2
    entry = POOL.requests[DIED]
    assert caplog.messages == [
        f"detector: the bait {bait_name(entry.path, entry.everywhere)} fell silent and is left "
        "out (0 of 300 asked were missed, of the others 90 %): see whether its rule has gone: "
        "detector baits check LIST..."
    ]


def test_a_store_that_cannot_be_read_changes_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """What was left out stays so, and the log has the error on one line."""

    class Closed:
        def sums(self, dimension: str, **_: object) -> list[Sum]:
            raise OSError("closed\n")

    of = Baits(ServedNames("secret of a site"), POOL, frozenset({DIED}))
    rotate(cast(Store, Closed()), "site", 72, make_config(secret=SECRET), [of])
    assert of.off == {DIED}
    assert caplog.messages == [r"detector: which baits are silent is not known today: 'closed\n'"]


def test_silent_bait_is_left_out(
    start: Callable[..., Site], clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    """Each process leaves out the silent bait soon after its first write, and names it in the log.

    Its URL still answers, for views that asked for it before.
    """
    caplog.set_level(logging.WARNING, LOG)
    one, two = start(), start(previous_secrets=["an older secret of this site"])
    until(lambda: off(one) == off(two) == {DIED}, "the bait was not left out")
    assert two.baits[two.older_names[0].prefix].off == {DIED}
    told = [record.getMessage() for record in caplog.records if "fell silent" in record.message]
    assert len(told) == 2, "once in each process, also while it serves two secrets"
    assert POOL.requests[DIED].path in told[0] and "detector baits check" in told[0]
    assert re.search(r"\(\d+ of \d+ asked were missed, of the others \d{1,2} %\)", told[0])
    baits = one.baits[one.names.prefix]
    for day in range(FIRST_DAY + DAYS, FIRST_DAY + DAYS + 200):
        assert DIED not in {bait.number for bait, _ in baits.choose(day).requests}
    pair = next(pair for pair in baits.pairs if pair[0].number == DIED)
    assert baits.find(pair[0].path) is pair[0]


def test_comes_back(start: Callable[..., Site], clock: Clock) -> None:
    """After 90 days without being asked it is tried again."""
    site = start()
    until(lambda: off(site) == {DIED}, "the bait was not left out")
    clock.now += 95 * 86_400
    site.count("view")
    until(lambda: off(site) == frozenset(), "the bait was not tried again")


def test_option(start: Callable[..., Site], clock: Clock) -> None:
    """With rotate_baits False every bait stays; what is switched off is so in either case."""
    kept = start(rotate_baits=False, without_baits=[POOL.requests[SWITCHED].path])
    gone = start(without_baits=[POOL.requests[SWITCHED].path])
    until(lambda: off(gone) == {DIED, SWITCHED}, "the bait was not left out")
    assert kept.flusher
    until(lambda: kept.flusher is not None and kept.flusher._day >= 0, "nothing was written")
    assert off(kept) == {SWITCHED}


def test_a_verdict_stays_possible() -> None:
    """As many baits as a verdict needs are kept, however many are silent."""
    every = [Bait(bait_name(e.path, e.everywhere), 0, 0) for e in POOL.requests]
    gone, left_out = without(POOL, [], every)
    assert len(gone) == len(left_out) < len(POOL.requests)
    switched_off(POOL, [POOL.requests[number].path for number in gone])
    paths = [POOL.requests[number].path for number in gone]
    for entry in POOL.requests:
        if entry.path not in paths:
            with pytest.raises(PoolError):
                switched_off(POOL, [*paths, entry.path])
    stranger = Bait("full:of/another/pool.js", 0, 0)
    kept = without(POOL, [POOL.requests[SWITCHED].path], [stranger])
    assert kept == (frozenset({SWITCHED}), [])
    assert without(POOL, [], [stranger, every[DIED]]) == (frozenset({DIED}), [every[DIED]])
    # Of three baits, two of one family, only one of those can go.
    one, two, *_ = (n for n, entry in enumerate(POOL.requests) if "300x250" in entry.path)
    other = next(n for n, entry in enumerate(POOL.requests) if "468x60" in entry.path)
    switched = [e.path for n, e in enumerate(POOL.requests) if n not in (one, two, other)]
    assert without(POOL, switched, [every[other], every[two]])[1] == [every[two]]


def test_whole_days_before_today_are_read() -> None:
    """Every process reads the same days, up to the last hour but one of yesterday."""
    asked: list[dict[str, object]] = []

    class Asked:
        def sums(self, dimension: str, **given: object) -> list[Sum]:
            asked.append({"by": dimension, **given})
            return []

    today = (FIRST_DAY + DAYS) * 24
    for hour in (today, today + 13, today + 23):
        rotate(cast(Store, Asked()), "site", hour, make_config(secret=SECRET), [])
    days = {"since": today - SILENT_DAYS * 24, "until": today - 1, "step": 24}
    wanted = {"by": "bait", "site": "site", **days}
    assert asked == [wanted] * 3


def test_store_that_fails(
    start: Callable[..., Site], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A store that cannot be read changes no bait, and the log says so once a day."""
    caplog.set_level(logging.WARNING, LOG)

    # Named, because sites of other tests may still be writing in this process.
    def fails(*_: object, site: str, **__: object) -> None:
        raise StoreError(f"no right to read {site}")

    monkeypatch.setattr(SqliteStore, "sums", fails)
    site = start("unreadable")
    said = "which baits are silent is not known today: 'no right to read unreadable'"
    until(lambda: said in caplog.text, "nothing was said")
    site.count("view")
    until(lambda: not site.counters.snapshot(), "nothing was written")
    assert caplog.text.count(said) == 1
    assert off(site) == frozenset()
