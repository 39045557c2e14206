"""What a process keeps for shared limits: queued reports, and buckets of clients."""

from __future__ import annotations

import os
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest

from detector.core.counting.counters import Counters
from detector.core.counting.store import Store
from detector.core.limits.deduplication import AT_ONCE, CAP, Deduplication
from detector.core.limits.rate_limiter import BURST
from detector.core.limits.shared_rate_limiter import DRAWERS, MOST, SharedRateLimiter
from detector.core.reports.processor import Counted
from detector.core.site import Site
from detector.core.tokens import SKEW, VIEW_AGE
from detector.stores.claim_rows import HOURS, old
from detector.stores.sqlite.store import SqliteStore
from tests.conftest import Clock
from tests.support.visiting import VIEW, Visit

SECRET = "a secret for tests, long enough"
NOW = 1_760_000_000


@pytest.fixture
def counters(clock: Clock) -> Counters:
    """Return an empty table."""
    return Counters("site", clock=clock)


@pytest.fixture
def claims(counters: Counters) -> Deduplication:
    """Return a queue for five reports."""
    return Deduplication(counters, SECRET, cap=5)


def put(claims: Deduplication, *views: object, action: str = "verdict") -> None:
    """Report a verdict of clear for each view."""
    for view in views:
        claims.put(f"{view}", NOW, (action, "clear", {"kind": "none"}))


def total(counters: Counters, action: str) -> int:
    """Return how often something was counted."""
    rows = counters.snapshot()
    return sum(n for key, n in rows.items() if key[2] == "all" and key[5] == action)


def test_reports_are_written_with_their_batch(claims: Deduplication) -> None:
    """A store gets the reports that were taken, in its own form."""
    written: list[tuple[object, ...]] = []

    class Noted:
        def add_reports(self, *given: object) -> None:
            written.append(given)

    put(claims, 1, 2)
    taken = claims.take()
    taken.add(cast(Store, Noted()), ("writer", 7))
    assert written == [(claims.events(taken.reports), ("writer", 7))]
    assert len(taken.reports) == 2


def test_a_report_waits(claims: Deduplication, counters: Counters) -> None:
    """A report counts only after the store was asked; a repeat of a queued one is refused."""
    put(claims, 1, 2, 1)
    put(claims, 1, action="shown")
    assert claims.size == 3
    assert total(counters, "verdict") == 0
    assert counters.snapshot()[NOW // 3600, "site", "reason", "repeat", "", "refused"] == 1


def test_rows_of_a_report(claims: Deduplication) -> None:
    """A new report counts in the hour in which its view began; a repeat counts as refused."""
    verdict: Counted = ("verdict", "clear", {"kind": "none", "group": "/a"})
    claims.put("1", NOW - 9999, verdict, ("corrected", "blocked", {}))
    hour = (NOW - 9999) // 3600
    (event,) = claims.events(claims.take().reports).values()
    assert event.new == (
        (hour, "site", "all", "", "clear", "verdict"),
        (hour, "site", "kind", "none", "clear", "verdict"),
        (hour, "site", "group", "/a", "clear", "verdict"),
        (hour, "site", "all", "", "blocked", "corrected"),
    )
    assert event.again == (
        (hour, "site", "all", "", "", "refused"),
        (hour, "site", "reason", "repeat", "", "refused"),
    )


def test_an_unknown_word_does_not_wait(claims: Deduplication) -> None:
    """A report that could never be written is refused at once."""
    with pytest.raises(ValueError, match="action 'login'"):
        put(claims, 1, action="login")
    assert claims.size == 0


def test_each_report_keeps_its_own_rows(claims: Deduplication) -> None:
    """Reports that wait together count what each of them said."""
    for view, group in (("1", "/a"), ("2", "/b"), ("3", "/a")):
        claims.put(view, NOW, ("verdict", "clear", {"group": group}))
    events = claims.events(claims.take().reports)
    groups = [key[3] for event in events.values() for key in event.new if key[2] == "group"]
    assert groups == ["/a", "/b", "/a"]


def test_too_many_are_counted_alone(claims: Deduplication, counters: Counters) -> None:
    """Above the cap a report counts in its own hour without asking the store, and that is counted
    too."""
    put(claims, *range(5))
    for view in "567":
        claims.put(view, NOW - 9999, ("verdict", "clear", {}))
    assert claims.size == 5
    assert counters.snapshot() == {
        ((NOW - 9999) // 3600, "site", "all", "", "clear", "verdict"): 3,
        (NOW // 3600, "site", "all", "", "", "unshared"): 3,
    }


def test_given_back(claims: Deduplication, counters: Counters) -> None:
    """Unwritten reports are queued again before newer ones; the excess counts without asking, in
    the hours of its views."""
    put(claims, 1, 2, 3)
    taken = claims.take()
    for view in "4567":
        claims.put(view, NOW - 9999, ("verdict", "clear", {}))
    taken.restore()
    assert claims.size == 5
    hour = (NOW - 9999) // 3600
    assert counters.snapshot() == {
        (hour, "site", "all", "", "clear", "verdict"): 2,
        (hour, "site", "all", "", "", "unshared"): 2,
    }
    assert list(claims.take().reports)[:3] == list(taken.reports)


def test_taken_in_parts(counters: Counters) -> None:
    """One write has a bounded number of reports, the oldest first, however many are queued."""
    claims = Deduplication(counters, SECRET)
    put(claims, *range(AT_ONCE + 10))
    first, second = claims.take(), claims.take()
    assert (len(first.reports), len(second.reports)) == (AT_ONCE, 10)
    assert first.is_full() and not second.is_full()


def test_bounded(counters: Counters) -> None:
    """However many reports are received while the store is down, memory is a few megabytes."""
    tracemalloc.start()
    try:
        claims = Deduplication(counters, SECRET)
        for number in range(CAP + 5000):
            dims = {"group": f"/{number}", "browser": "firefox", "device": "phone"}
            verdict: Counted = ("verdict", "clear", {"kind": "none", **dims})
            claims.put(f"{number:020}", NOW, verdict)
            if number % 5000 == 0:
                claims.take().restore()
        assert tracemalloc.get_traced_memory()[0] < 25_000_000
    finally:
        tracemalloc.stop()
    assert (claims.size, total(counters, "unshared")) == (CAP, 5000)
    assert len(claims._events) <= CAP


def test_claims_tell_nothing(counters: Counters) -> None:
    """A claim is an hour and a hash that differs for another site, secret, view or action."""
    claims = Deduplication(counters, SECRET)
    one = claims.claim(VIEW, NOW, "verdict")
    assert len(one) == 16 and one[:4] == (NOW // 3600).to_bytes(4, "big")
    assert one == Deduplication(Counters("site"), SECRET).claim(VIEW, NOW, "verdict")
    others = [
        claims.claim(VIEW, NOW, "shown"),
        claims.claim(VIEW[1:] + "0", NOW, "verdict"),
        Deduplication(Counters("other"), SECRET).claim(VIEW, NOW, "verdict"),
        Deduplication(counters, SECRET + "!").claim(VIEW, NOW, "verdict"),
    ]
    assert len({one[4:], *(other[4:] for other in others)}) == 5


def test_claims_outlast_their_tokens() -> None:
    """No claim is deleted while its token is valid by any process's clock."""
    for signed in (NOW, NOW - NOW % 3600, NOW - NOW % 3600 + 3599):
        # The youngest possible token is signed by a clock that is ahead.
        youngest = signed + VIEW_AGE + SKEW + SKEW
        assert (signed // 3600).to_bytes(4, "big") >= old(youngest // 3600)
    assert HOURS * 3600 > VIEW_AGE + 3600 + SKEW


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_fork(claims: Deduplication) -> None:
    """Queued reports are written by the parent."""
    put(claims, 1)
    child = os.fork()
    if not child:
        os._exit(claims.size)
    assert os.waitpid(child, 0)[1] == 0
    assert claims.size == 1


def test_secrets_that_change(make_site: Callable[..., Site], tmp_path: Path) -> None:
    """Processes with the old and the new secret recognise each other's claims."""
    store = str(tmp_path / "counts.sqlite")
    before = make_site(store=store, shared_limits=True)
    after = make_site(
        store=store, shared_limits=True, secret="a" * 20, previous_secrets=[before.config.secret]
    )
    assert before.deduplication and after.deduplication
    assert before.deduplication.claim(VIEW, NOW, "shown") == after.deduplication.claim(
        VIEW, NOW, "shown"
    )


def test_nothing_is_shared_unless_asked(site: Site) -> None:
    """By default a process does not share its limits."""
    Visit(site).report(Visit(site).control())
    assert site.deduplication is None
    assert total(site.counters, "verdict") == 1


@pytest.fixture
def drawers(clock: Clock) -> SharedRateLimiter:
    """Return the shared rate limiter of a process."""
    return SharedRateLimiter(clock, "site", SECRET)


def test_together(clock: Clock, tmp_path: Path) -> None:
    """A client over the overall limit, and no other, is refused until the end of the minute."""
    clock.now -= clock.now % 60
    store = SqliteStore(tmp_path / "counts.sqlite")
    first, second, third = (SharedRateLimiter(clock, "site", SECRET) for _ in range(3))
    for _ in range(100):
        clock.now += 0.25
        assert first.takes("a") and second.takes("a") and third.takes("a")
    for rate in (first, second, third):
        rate.tell(store)
    clock.now += 1
    # Only the last of them knows of more than 260; the others learn of it at their next write.
    assert (first.takes("a"), third.takes("a"), third.takes("b")) == (True, False, True)
    first.tell(store)
    assert not first.takes("a")
    clock.now += 60
    assert first.takes("a") and third.takes("a")
    store.close()


def test_the_burst_stays(drawers: SharedRateLimiter) -> None:
    """In addition to the shared limit each process keeps its own."""
    assert sum(drawers.takes("a") for _ in range(50)) == BURST
    assert all(drawers.takes("") for _ in range(50))


def test_drawers_are_few_and_new_each_minute(drawers: SharedRateLimiter, clock: Clock) -> None:
    """Many clients share a bucket, and the clients that share one change every minute."""
    found: list[dict[int, int]] = []
    for _ in range(2):
        for number in range(DRAWERS):
            drawers.takes(f"client {number}")
        found.append(dict(drawers._unsent))
        clock.now += 60
    first, second = found
    assert 0.5 * DRAWERS < len(first) < 0.75 * DRAWERS
    assert set(first) | set(second) <= set(range(DRAWERS))
    assert first != second
    assert sum(first.values()) == DRAWERS
    assert MOST == 260
