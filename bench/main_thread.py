"""What a page's main thread does for some scripts and requests, from Chromium's own trace."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bench.rounds import median_row
from bench.table import BenchError, Row

if TYPE_CHECKING:
    from playwright.sync_api import Browser

CATEGORIES = ("devtools.timeline", "disabled-by-default-devtools.timeline", "v8")
TASK = "RunTask"
# What a task does for the page itself: then only our own events in it count.
PAGES_OWN = ("CommitLoad", "ParseHTML", "HTMLDocumentParser::MaybeFetchQueuedPreloads")
# Events by what they are for; what is left of a task is the browser's own work.
PARTS = {
    "compile": ("v8.compile", "v8.parseOnBackground", "V8.CompileCode", "v8.produceCache"),
    "run": ("EvaluateScript", "FunctionCall", "TimerFire", "RunMicrotasks", "EventDispatch"),
    "style and layout": ("UpdateLayoutTree", "Layout", "PrePaint"),
}
Event = Mapping[str, Any]


@dataclass
class Cost:
    """Milliseconds of the thread's own time: in all, by part, and the longest run of a script with
    the styles and layout that it forced.
    """

    total: float = 0.0
    longest: float = 0.0
    parts: dict[str, float] = field(default_factory=dict)


@contextmanager
def traced(browser: Browser, url: str) -> Iterator[Cost]:
    """Trace what happens in the block; afterwards the yielded cost is that of `url…`."""
    cost = Cost()
    browser.start_tracing(categories=list(CATEGORIES))
    try:
        yield cost
    finally:
        trace = browser.stop_tracing()
    found = cost_of(json.loads(trace)["traceEvents"], url)
    cost.total, cost.longest, cost.parts = found.total, found.longest, found.parts


def cost_of(events: Sequence[Event], url: str) -> Cost:
    """Return the cost of the tasks in which scripts of `url…` run or its requests are handled.

    A task counts as a whole, with what it does beside, unless it parses or opens the page. Raises
    BenchError if the trace has no request of `url…`.
    """
    sent = [one for one in events if one["name"] == "ResourceSendRequest"]
    ours = [one for one in sent if one["args"]["data"]["url"].startswith(url)]
    if not ours:
        raise BenchError(f"the trace has no request of {url}: did the page load?")
    thread = (ours[-1]["pid"], ours[-1]["tid"])
    requests = {one["args"]["data"]["requestId"] for one in ours}
    here = [one for one in events if (one["pid"], one["tid"]) == thread]
    ours = sorted((one for one in here if _is_of(one, url, requests)), key=_when)
    cost = Cost(parts=dict.fromkeys((*PARTS, "browser"), 0.0))
    for task in (one for one in here if one["name"] == TASK and "dur" in one):
        marks = [one for one in ours if _within(one, task)]
        if not marks:
            continue
        inside = [one for one in here if one is not task and _within(one, task)]
        if any(one["name"] in PAGES_OWN for one in inside):
            whole = _outermost([one for one in marks if "dur" in one])
            inside = [one for one in inside if any(_within(one, each) for each in whole)]
        else:
            whole = [task]
        ms = sum(map(_own, whole))
        cost.total += ms
        runs = [_own(one) for one in inside if one["name"] in PARTS["run"] and "dur" in one]
        cost.longest = max([cost.longest, *runs])
        for part, spent in _parts(inside).items():
            cost.parts[part] += spent
            ms -= spent
        cost.parts["browser"] += ms
    return cost


def rows(costs: Sequence[Cost]) -> list[Row]:
    """Return the medians by part."""
    parts = (*PARTS, "browser")
    return [median_row(f"    {part}", [one.parts[part] for one in costs], "ms") for part in parts]


def _when(event: Event) -> tuple[int, int]:
    """Sort events by their beginning, outer ones first."""
    return event["ts"], -event.get("dur", 0)


def _within(event: Event, outer: Event) -> bool:
    began: int = outer["ts"]
    return bool(began <= event["ts"] < began + outer["dur"])


def _outermost(events: Sequence[Event]) -> list[Event]:
    """Return events that have a duration and lie in no other one, from events in their order."""
    found: list[Event] = []
    for event in events:
        if not (found and _within(event, found[-1])):
            found.append(event)
    return found


def _is_of(event: Event, url: str, requests: set[str]) -> bool:
    data = event.get("args", {}).get("data") or {}
    if not isinstance(data, dict) or event["name"] == TASK:
        return False
    address = data.get("url") or data.get("fileName") or ""
    return data.get("requestId") in requests or str(address).startswith(url)


def _own(event: Event) -> float:
    """Return the milliseconds for which the thread itself ran, where the trace has them."""
    return float(event.get("tdur", event["dur"])) / 1000


def _parts(events: Sequence[Event]) -> dict[str, float]:
    """Return the time by part, each moment counted for the innermost event that has one."""
    spent = dict.fromkeys(PARTS, 0.0)
    names = {name: part for part, names in PARTS.items() for name in names}
    timed = [one for one in events if "dur" in one and one["name"] in names]
    # Outer events first: an inner one takes its time from the one around it.
    open_: list[Event] = []
    for event in sorted(timed, key=_when):
        while open_ and not _within(event, open_[-1]):
            open_.pop()
        spent[names[event["name"]]] += _own(event)
        if open_:
            spent[names[open_[-1]["name"]]] -= _own(event)
        open_.append(event)
    return spent
