"""Whether our detector, on a site that has it, reported the right state and notice."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from detector.audit.model import PageVisit, Problem
from detector.core.baits.probe_settings import hosts


def verdict_problems(visit: PageVisit, clean: PageVisit | None = None) -> Iterator[Problem]:
    """Yield what is wrong with a visit's verdict; `clean` is the visit that it is compared with.

    Without a blocker only an accusation is wrong: ads may really not arrive.
    """
    if not visit.prefix:
        return
    if visit.verdict is None:
        # A robot's view is skipped and gets no verdict.
        if visit.due is not False and (clean is None or clean.verdict is not None):
            text = "the detector's tag is in the page, but there is no verdict"
            yield Problem("verdict", visit.prefix, text)
        return
    state = str(visit.verdict.get("state"))
    if state in _rightly(visit):
        return
    # If ads do not arrive without a blocker either, one in the network cannot be detected.
    if clean is not None and visit.expected == "unreachable" and state == _state(clean) != "clear":
        return
    kind, signals = visit.verdict.get("kind"), json.dumps(visit.verdict.get("signals"))
    text = (
        f"the verdict is {state} (kind {kind}, signals {signals}), and should be {visit.expected}"
    )
    yield Problem("verdict", state, text)


def notice_problems(visit: PageVisit) -> Iterator[Problem]:
    """Yield what is wrong with the notice: shown without a blocker, or missing when due."""
    if not visit.prefix or visit.verdict is None:
        return
    state = visit.verdict.get("state")
    if visit.notice is None and visit.due:
        yield Problem("notice", str(state), f"the state is {state}, and no notice is shown")
    if visit.notice is not None and visit.due is False:
        said = str(visit.notice.get("text", "")).partition("\n")[0]
        text = f"a notice is shown (“{said}”) that does not follow from the state {state}"
        yield Problem("notice", str(state), text)


def _state(visit: PageVisit) -> str:
    return str(visit.verdict.get("state")) if visit.verdict else ""


def _rightly(visit: PageVisit) -> tuple[str, ...]:
    """Return the states that are correct for a visit."""
    if visit.expected == "clear":
        return ("clear", "unreachable", "unknown")
    if visit.expected == "unreachable" and not _ads_failed(visit):
        # A page without ads has none that fail to arrive.
        return ("unreachable", "clear")
    return (visit.expected,)


def _ads_failed(visit: PageVisit) -> bool:
    pattern = re.compile(hosts())
    return any(pattern.search("." + urlsplit(one.url).netloc) for one in visit.blocked)
