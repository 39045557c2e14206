"""Queued reports: processed in batches, each once, before the counts are read."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from detector.core.counting.batch_queue import MOST, BatchQueue
from detector.core.reports.receiver import ReceivedReport
from detector.core.site import Site
from tests.conftest import FIREFOX
from tests.core.endpoints.conftest import verdict
from tests.support.visiting import Visit


def came(number: int) -> ReceivedReport:
    """Return a report."""
    return ReceivedReport(b"%d" % number, FIREFOX, objects=False)


def test_many_are_looked_at_together() -> None:
    """The report that fills the queue has all of them processed, in order."""
    taken: list[ReceivedReport] = []
    queue = BatchQueue(taken.append)
    reports = [came(n) for n in range(MOST)]
    for report in reports[:-1]:
        queue.put(report)
    assert taken == []
    queue.put(reports[-1])
    assert taken == reports
    queue.settle()
    assert taken == reports


def test_each_once_under_threads() -> None:
    """Eight threads that add, and one that settles, neither lose nor double reports."""
    taken: list[ReceivedReport] = []
    queue = BatchQueue(taken.append)
    reports = [[came(n * 1000 + i) for i in range(1000)] for n in range(8)]
    done = threading.Event()

    def settle() -> None:
        while not done.is_set():
            queue.settle()

    def put(some: list[ReceivedReport]) -> None:
        for report in some:
            queue.put(report)

    settling = threading.Thread(target=settle)
    putting = [threading.Thread(target=put, args=(some,)) for some in reports]
    settling.start()
    for thread in putting:
        thread.start()
    for thread in putting:
        thread.join()
    done.set()
    settling.join()
    queue.settle()
    assert sorted(taken) == sorted(report for some in reports for report in some)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_a_child_counts_nothing_of_its_parent() -> None:
    """Reports received before a fork are counted by the parent alone."""
    taken: list[ReceivedReport] = []
    queue = BatchQueue(taken.append)
    queue.put(came(1))
    child = os.fork()
    if not child:
        queue.settle()
        os._exit(len(taken))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    queue.settle()
    assert taken == [came(1)]


def test_a_flush_counts_what_waits(make_site: Callable[..., Site], tmp_path: Path) -> None:
    """A report is answered at once; it is counted or refused at the next flush."""
    site = make_site(store=str(tmp_path / "db"))
    visit = Visit(site)
    body = verdict(visit, visit.control())
    assert [visit.post(one).status for one in (body, body, b"{")] == [204] * 3
    assert site.flusher is not None
    assert site.flusher.flush()
    assert site.flusher._store is not None
    stored = {row[2:]: count for row, count in site.flusher._store.rows()}
    assert stored["all", "", "clear", "verdict"] == 1
    assert stored["reason", "repeat", "", "refused"] == 1
    assert stored["reason", "syntax", "", "refused"] == 1
    assert site.counters.snapshot() == {}
    site.close()


@pytest.mark.parametrize("shared", [False, True], ids=["alone", "shared limits"])
def test_a_flush_in_the_midst(make_site: Callable[..., Site], tmp_path: Path, shared: bool) -> None:
    """A signal handler may flush while its thread is counting and holds the locks."""
    site = make_site(store=str(tmp_path / "db"), shared_limits=shared)
    visit = Visit(site)
    visit.post(verdict(visit, visit.control()))
    assert site.flusher is not None
    done: list[bool] = []

    def flush() -> None:
        assert site.flusher is not None
        with (
            site.recent_views._lock,
            site.deduplication._lock if site.deduplication else site.recent_views._lock,
        ):
            done.append(site.flusher.flush())

    thread = threading.Thread(target=flush, daemon=True)
    thread.start()
    thread.join(20)
    assert done == [True]
    site.close()


def test_our_errors_stay_here(
    make_site: Callable[..., Site], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error in one report is counted, and does not affect the others."""
    site = make_site(store=str(tmp_path / "db"))
    visit = Visit(site)
    bodies = [verdict(visit, visit.control(str(n) * 20)) for n in range(2)]
    monkeypatch.setattr(site.processor, "views", None)
    visit.post(bodies[0])
    assert visit.counted("error") == 1
    monkeypatch.undo()
    visit.post(bodies[1])
    assert visit.counted("verdict", "clear") == 1
    site.close()


@pytest.mark.parametrize(
    "more",
    [
        {"store": ""},
        {"level": "full"},
        {"on_verdict": str},
        {"prometheus": True},
        {"flush_seconds": 61.0},
    ],
    ids=lambda more: next(iter(more)),
)
def test_where_nothing_waits(
    make_site: Callable[..., Site], tmp_path: Path, more: dict[str, Any]
) -> None:
    """Without a flusher, or with a verdict hook, no report is queued."""
    site = make_site(**{"store": str(tmp_path / "db"), **more})
    visit = Visit(site)
    body = verdict(visit, visit.control())
    site.counters.settle = int
    visit.post(body)
    visit.post(body)
    assert visit.counted("verdict", "clear") == 1
    assert visit.counted("refused", dimension="reason", value="repeat") == 1
    site.close()
