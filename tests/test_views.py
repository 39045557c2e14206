"""What a process remembers of recent views."""

from __future__ import annotations

from detector.report.views import Views


def test_a_view_starts_once() -> None:
    """The second control of a view is not another view."""
    views = Views()
    assert views.start("a")
    assert not views.start("a")


def test_each_kind_of_report_counts_once() -> None:
    """Each (view, kind of report) counts once."""
    views = Views()
    views.start("a")
    assert views.once("a", "verdict")
    assert not views.once("a", "verdict")
    assert views.once("a", "shown")
    assert views.once("b", "verdict")
    assert not views.once("b", "verdict")


def test_arrivals_are_kept_for_known_views() -> None:
    """Baits of a view whose control this process did not see say nothing."""
    views = Views()
    views.arrive("a", 1)
    assert views.arrived("a") == frozenset()
    views.start("a")
    views.arrive("a", 1)
    views.arrive("a", 2)
    assert views.arrived("a") == {1, 2}


def test_bounded() -> None:
    """A million views leave memory bounded; the oldest are forgotten first."""
    views = Views(cap=100)
    for n in range(1000):
        views.start(str(n))
        views.once(f"other {n}", "verdict")
    assert len(views._views) == 100
    assert views.start("0")
    assert not views.start("999")
