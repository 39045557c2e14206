"""What a page's main thread does for some scripts, from a trace's events."""

from __future__ import annotations

from typing import Any

import pytest

from bench.main_thread import cost_of
from bench.table import BenchError

URL = "https://news.example/prefix/"
ASKED = {"data": {"url": f"{URL}a.js", "requestId": "1"}}
OURS = {"data": {"url": f"{URL}a.js"}}
PAGES = {"data": {"url": "https://news.example/page.js"}}


def event(name: str, at: int, ms: int = 0, args: Any = None, tid: int = 1) -> dict[str, Any]:
    """Return an event at a millisecond, which lasts some, or is a mark if it does not."""
    made = {"name": name, "pid": 1, "tid": tid, "ts": at * 1000, "args": args or {}}
    return {**made, "dur": ms * 1000, "tdur": ms * 1000} if ms else made


def test_tasks_that_run_our_scripts_count_as_a_whole() -> None:
    """What a task does beside our script is a part of its time."""
    cost = cost_of(
        [
            event("RunTask", 0, 10),
            event("ResourceSendRequest", 1, args=ASKED),
            event("RunTask", 20, 30),
            event("EvaluateScript", 22, 20, OURS),
            event("v8.compile", 23, 4, OURS),
            event("UpdateLayoutTree", 30, 6),
            event("RunTask", 60, 40),
            event("EvaluateScript", 62, 30, PAGES),
        ],
        URL,
    )
    assert (cost.total, cost.longest) == (40, 20)
    assert cost.parts == {"compile": 4, "run": 10, "style and layout": 6, "browser": 20}


def test_what_a_request_of_ours_brings_is_ours() -> None:
    """A task without a script's address counts by the request that it handles."""
    cost = cost_of(
        [
            event("RunTask", 0, 2),
            event("ResourceSendRequest", 1, args=ASKED),
            event("RunTask", 10, 5),
            event("ResourceFinish", 11, args={"data": {"requestId": "1"}}),
            event("RunMicrotasks", 12, 2),
            event("RunTask", 20, 7),
            event("ResourceFinish", 21, args={"data": {"requestId": "2"}}),
        ],
        URL,
    )
    assert (cost.total, cost.parts["run"]) == (7, 2)


@pytest.mark.parametrize("pages_own", ["CommitLoad", "ParseHTML"])
def test_of_a_task_that_opens_or_parses_the_page_only_our_events_count(pages_own: str) -> None:
    """The page's own work would be there without us."""
    cost = cost_of(
        [
            event("RunTask", 0, 100),
            event(pages_own, 1, 80),
            event("ResourceSendRequest", 2, args=ASKED),
            event("FunctionCall", 90, 3, OURS),
            event("FunctionCall", 91, 1, OURS),
            event("FunctionCall", 95, 2, PAGES),
        ],
        URL,
    )
    assert (cost.total, cost.parts["run"], cost.parts["browser"]) == (3, 3, 0)


def test_other_threads_do_not_count() -> None:
    """Only the page's main thread keeps it from answering."""
    cost = cost_of(
        [
            event("RunTask", 0, 2),
            event("ResourceSendRequest", 1, args=ASKED),
            event("RunTask", 0, 50, tid=2),
            event("EvaluateScript", 1, 40, OURS, tid=2),
        ],
        URL,
    )
    assert cost.total == 2


def test_a_trace_without_our_requests_is_an_error() -> None:
    """A cost of nothing would be met by a page that did not load."""
    with pytest.raises(BenchError, match="the trace has no request of"):
        cost_of([event("RunTask", 0, 2)], URL)
