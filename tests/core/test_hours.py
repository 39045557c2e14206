"""The hour of a count: that of its view, which its signed token names, within bounds."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from pathlib import Path

import pytest

from detector.analytics.query import query
from detector.core.counting.counters import LATE_HOURS, Counters
from detector.core.counting.dimensions import ALL
from detector.core.site import Site
from detector.core.tokens import SKEW, VIEW_AGE, Tokens
from detector.stores.sqlite.store import SqliteStore
from tests.conftest import SECRET, Clock
from tests.core.endpoints.conftest import Visit, verdict

MakeSite = Callable[..., Site]
HOUR, DAY = 3600, 24 * 3600
MIDNIGHT = 20_000 * DAY
ALONE_OR_SHARED = [False, True]


def sharing(folder: Path) -> dict[str, object]:
    """Return options by which a report waits until its claim is written."""
    store = f"sqlite:///{folder / 'shared.sqlite'}"
    return {"shared_limits": True, "store": store, "flush_seconds": 3600}


def counted(site: Site, action: str) -> dict[int, int]:
    """Return how often an action was counted in each hour, shared reports that wait included."""
    found: dict[int, int] = {}
    for (hour, _, dimension, _, _, what), n in site.counters.snapshot().items():
        if (dimension, what) == (ALL, action):
            found[hour] = found.get(hour, 0) + n
    if site.deduplication:
        for hour, parts in site.deduplication.take().reports.values():
            for what, _, _ in parts:
                if what == action:
                    found[hour] = found.get(hour, 0) + 1
    return found


def act(visit: Visit, token: str, action: str) -> None:
    """Report an action on the notice."""
    visit.post({"t": token, "p": visit.page, "s": "blocked", "a": action})


@pytest.mark.parametrize("shared", ALONE_OR_SHARED)
def test_after_midnight(make_site: MakeSite, clock: Clock, tmp_path: Path, shared: bool) -> None:
    """Ten notices before midnight and two after, all answered after: no day has more answers."""
    site = make_site(**(sharing(tmp_path) if shared else {}))
    visit = Visit(site)
    clock.now = MIDNIGHT - 600
    tokens = [visit.control(f"{n:020}")["t"] for n in range(10)]
    for token in tokens:
        act(visit, token, "shown")
    clock.now = MIDNIGHT + 600
    tokens += [visit.control(f"{n:020}")["t"] for n in range(10, 12)]
    for token in tokens[10:]:
        act(visit, token, "shown")
    for token in tokens:
        act(visit, token, "allowed")
    before, after = MIDNIGHT // HOUR - 1, MIDNIGHT // HOUR
    assert counted(site, "allowed") == {before: 10, after: 2}


def test_no_share_exceeds_its_whole(make_site: MakeSite, clock: Clock, tmp_path: Path) -> None:
    """By the day, as owners see it, what follows a notice is a true share of its day's notices."""
    site = make_site()
    visit = Visit(site)
    clock.now = MIDNIGHT - 600
    tokens = [visit.control(f"{n:020}")["t"] for n in range(12)]
    for token in tokens:
        act(visit, token, "shown")
    clock.now = MIDNIGHT + 600
    for token in tokens:
        act(visit, token, "dismissed")
    store = SqliteStore(tmp_path / "counts")
    store.add(site.counters.drain())
    (cell,) = query(store, step="day").cells
    store.close()
    assert cell.figures
    step = cell.figures.action("dismissed")
    assert (step.share.part, step.share.whole, step.earlier) == (12, 12, 0)


def test_a_report_that_waits(make_site: MakeSite, clock: Clock) -> None:
    """A verdict is counted in the hour of its view, however late its batch is processed."""
    site = make_site()
    visit = Visit(site)
    clock.now = MIDNIGHT - 1
    control = visit.control()
    clock.now = MIDNIGHT + 9
    visit.post(verdict(visit, control))
    hour = MIDNIGHT // HOUR - 1
    assert counted(site, "verdict") == counted(site, "view") == {hour: 1}


@pytest.mark.parametrize("shared", ALONE_OR_SHARED)
def test_no_report_is_counted_long_ago(
    make_site: MakeSite, clock: Clock, tmp_path: Path, shared: bool
) -> None:
    """A stranger who keeps tokens for a day reaches no hour before the last 22."""
    site = make_site(**(sharing(tmp_path) if shared else {}))
    visit = Visit(site)
    token = visit.control()["t"]
    clock.now += VIEW_AGE
    act(visit, token, "allowed")
    assert counted(site, "allowed") == {int(clock.now // HOUR) - LATE_HOURS: 1}


@pytest.mark.parametrize("ahead", [1, SKEW])
def test_no_report_is_counted_in_the_future(make_site: MakeSite, clock: Clock, ahead: int) -> None:
    """The token of a process whose clock is ahead counts in the present hour."""
    site = make_site()
    visit = Visit(site)
    clock.now = MIDNIGHT - 1
    token = Tokens([SECRET], lambda: clock.now + ahead).view("7" * 20)
    act(visit, token, "shown")
    assert counted(site, "shown") == {MIDNIGHT // HOUR - 1: 1}


def test_a_forged_hour(make_site: MakeSite, clock: Clock) -> None:
    """Whoever changes the time in a token, or signs with another secret, counts nothing."""
    site = make_site()
    visit = Visit(site)
    token = visit.control()["t"]
    view, stamp, signature = token.split(".")
    for other in (int(stamp) - HOUR, int(stamp) + 60, 0, -1, 10**9):
        act(visit, f"{view}.{other}.{signature}", "shown")
    mine = hmac.new(b"guessed", f"{view}.{stamp}".encode(), "sha256").hexdigest()
    act(visit, f"{view}.{stamp}.{mine}", "shown")
    assert counted(site, "shown") == {}
    assert visit.counted("refused", dimension="reason", value="token") == 6
    clock.now += VIEW_AGE + SKEW + 1
    act(visit, token, "shown")
    assert counted(site, "shown") == {}
    assert visit.counted("refused", dimension="reason", value="expired") == 1


def test_kept_reports_move_no_stores_clock(clock: Clock, tmp_path: Path) -> None:
    """A process whose only write is a report kept for a day does not set back the known hour."""
    store = SqliteStore(tmp_path / "counts")
    now = int(clock.now // HOUR)
    counters = [Counters("site", clock=clock) for _ in range(2)]
    counters[0].count("view")
    store.add(counters[0].drain(), ("one", 1))
    counters[1].count_in(counters[1].hour_of(int(clock.now) - VIEW_AGE), "shown", "blocked", {})
    store.add(counters[1].drain(), ("two", 1))
    clock.now += 23 * HOUR
    counters[0].count("view")
    store.add(counters[0].drain(), ("one", 2))
    hours = {key[0]: key[5] for key, _ in store.rows()}
    store.close()
    assert hours == {now: "view", now - LATE_HOURS: "shown", now + 23: "view"}


def test_kept_reports_push_out_nothing(clock: Clock) -> None:
    """In a full table, reports of earlier hours are dropped before those of the present one."""
    counters = Counters("site", cap=40, clock=clock)
    present = counters.hour()
    while not any(key[5] == "dropped" for key in counters.snapshot()):
        counters.count("view", group=f"/{len(counters.snapshot())}")
    kept = {key: n for key, n in counters.snapshot().items() if key[5] == "view"}
    for back in range(LATE_HOURS):
        counters.count_in(present - back, "shown", "blocked", {"group": f"/old-{back}"})
    rows = counters.snapshot()
    assert {key: n for key, n in rows.items() if key[5] == "view"} == kept
    assert len(rows) <= 41
