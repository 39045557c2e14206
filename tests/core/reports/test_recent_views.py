"""What a process keeps about recent views."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import pytest

from detector.core.reports import recent_views
from detector.core.reports.parser import MAX_BAITS
from detector.core.reports.recent_views import _MASK, CAP, RecentViews
from detector.core.vocabulary import NOTICE_ACTIONS
from tests.support.forks import in_child


def test_a_view_starts_once() -> None:
    """A second bootstrap of a view does not count as another view."""
    views = RecentViews()
    assert views.start("a")
    assert not views.start("a")


def test_each_kind_of_report_counts_once() -> None:
    """Each (view, kind of report) counts once."""
    views = RecentViews()
    views.start("a")
    assert views.once("a", "verdict")
    assert not views.once("a", "verdict")
    assert views.once("a", "shown")
    assert views.once("b", "verdict")
    assert not views.once("b", "verdict")


def test_arrivals_are_kept_for_known_views() -> None:
    """Baits of a view whose bootstrap was served by another process are unknown."""
    views = RecentViews()
    views.arrive("a", 1)
    assert views.arrived("a") == frozenset()
    views.start("a")
    views.arrive("a", 1)
    views.arrive("a", 2)
    assert views.arrived("a") == {1, 2}


def test_bounded() -> None:
    """A million views leave memory bounded; the oldest are dropped first."""
    views = RecentViews(cap=100)
    for n in range(1000):
        views.start(str(n))
        views.once(f"other {n}", "verdict")
    assert 90 <= len(views._views) <= 100
    assert views.start("0")
    assert not views.start("999")


def test_what_goes_when_it_is_full() -> None:
    """One view above the bound, clients lose their oldest beyond a fortieth of it, and only those.

    Where nobody has so many, a sixteenth goes, the oldest first.
    """
    views = RecentViews(cap=90)
    many = [(f"many {n}", "9.8.7.6") for n in range(10)]
    few = [(f"few {n}", "9.8.7.5") for n in range(2)]
    others = [(f"other {n}", "") for n in range(78)]
    for view in (*many, *few, *others):
        views.start(*view)
    assert len(views._views) == 90
    views.start("last")
    kept = [view for view, _ in (*many[8:], *few, *others)]
    assert list(views._views) == [*kept, "last"]
    for n in range(7):
        views.start(f"later {n}")
    assert len(views._views) == 90
    views.start("later 7")
    assert list(views._views) == [*kept[7:], "last", *(f"later {n}" for n in range(8))]


def test_a_signal_handler_may_forget_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    """Views that the same thread's signal handler has removed while others are are no error."""
    views = RecentViews(cap=40)

    def held(who: Iterable[int]) -> Counter[int]:
        found = Counter(who)
        del views._views["0"]
        return found

    def oldest(known: dict[str, int], most: int) -> list[str]:
        first = list(known)[:most]
        del known[first[0]]
        return first

    monkeypatch.setattr(recent_views, "Counter", held)
    monkeypatch.setattr(recent_views, "islice", oldest)
    for n in range(41):
        views.start(str(n), "9.8.7.6" if n < 2 else "")
    assert list(views._views) == [str(n) for n in range(4, 41)]


@pytest.mark.parametrize("drawn", [0, _MASK - 1, _MASK])
def test_the_number_of_a_client(monkeypatch: pytest.MonkeyPatch, drawn: int) -> None:
    """It has twenty bits, is never that of no client, and none of a bait or a report."""
    monkeypatch.setattr(recent_views, "hash", lambda who: drawn, raising=False)
    views = RecentViews()
    views.start("a", "9.8.7.6")
    assert views._views["a"] == drawn % _MASK + 1 <= _MASK
    assert views.arrived("a") == frozenset()
    # A view that began in another process belongs to no client.
    views.once("b", "verdict")
    assert views._views["b"] & _MASK == 0


@pytest.mark.parametrize("flooder", ["6.6.6.6", "2600:0001:0002:0003::/64"])
def test_a_flood_pushes_out_its_own_views(flooder: str) -> None:
    """A client that begins more views than fit loses its own oldest ones."""
    views = RecentViews()
    for n in range(1000):
        views.start(f"before {n}", f"9.8.{n // 250}.{n % 250}")
        views.arrive(f"before {n}", 3)
    for n in range(3 * CAP):
        views.start(f"flood {n}", flooder)
        if n % 100 == 0:
            views.start(f"among {n}", f"9.9.{n // 250 % 250}.{n % 250}")
    assert all(views.arrived(f"before {n}") == {3} for n in range(1000))
    assert not any(views.start(f"among {n}", "9.9.9.9") for n in range(0, 3 * CAP, 100))
    assert len(views._views) <= CAP
    assert not views.start(f"flood {3 * CAP - 1}", flooder)
    assert views.start("flood 0", flooder)


def test_a_network_floods_as_one() -> None:
    """The clients of one IPv6 /48 network push out only their own views."""
    views = RecentViews()
    views.start("before", "9.8.7.6")
    for n in range(2 * CAP):
        views.start(f"flood {n}", f"2600:0001:0002:{n % 65_536:04x}::/64")
    assert not views.start("before", "9.8.7.6")


def test_a_company_keeps_its_views_for_a_while() -> None:
    """Among other visitors, 500 people behind one address keep one view each until it expires."""
    views = RecentViews()
    for n in range(3 * CAP):
        views.start(str(n), "9.8.7.6" if n % 40 == 0 else f"9.9.{n // 250 % 250}.{n % 250}")
    newest = range(3 * CAP - CAP // 2, 3 * CAP)
    assert not any(views.start(str(n), "") for n in newest)


def test_nobody_in_particular_is_no_client() -> None:
    """Where clients cannot be told apart the oldest views are dropped first."""
    views = RecentViews()
    views.start("before", "9.8.7.6")
    for n in range(2 * CAP):
        views.start(str(n))
    assert views.start("before", "9.8.7.6")
    assert not views.start(str(2 * CAP - CAP // 2))


def test_a_child_knows_the_views_of_its_parent() -> None:
    """A fork while another thread begins a view blocks neither process."""
    views = RecentViews()
    views.start("a")
    assert in_child(views._lock, lambda: not views.start("a") and views.once("a", "verdict"))
    assert views.once("a", "verdict")


def test_one_number_per_view() -> None:
    """Current and ended views are integers, which the garbage collector does not track."""
    views = RecentViews()
    views.start("a", "9.8.7.6")
    views.arrive("a", MAX_BAITS - 1)
    assert views.once("a", NOTICE_ACTIONS[-1])
    assert {type(value) for value in views._views.values()} == {int}
    assert views.arrived("a") == {MAX_BAITS - 1}
    assert not views.once("a", NOTICE_ACTIONS[-1])


def test_nothing_tells_the_client() -> None:
    """An address is stored as a twenty-bit number that differs in each process."""

    def kept() -> list[int]:
        views = RecentViews()
        for n in range(100):
            views.start(str(n), f"9.8.7.{n}")
        return list(views._views.values())

    first, second = kept(), kept()
    assert all(0 < number < 2**20 for number in first + second)
    assert first != second
