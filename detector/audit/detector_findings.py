"""Whether our detector, on a site that has it, reported the right state and notice."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from detector.audit.model import PageVisit, Problem
from detector.core.baits.probe_settings import hosts


def verdict_problems(look: PageVisit, clean: PageVisit | None = None) -> Iterator[Problem]:
    """Yield what is wrong with a visit's verdict; `clean` is the visit that it is compared with.

    Without a blocker only an accusation is wrong: ads may really not arrive.
    """
    if not look.prefix:
        return
    if look.verdict is None:
        # A robot's view is skipped and gets no verdict.
        if look.due is not False and (clean is None or clean.verdict is not None):
            text = "the detector's tag is in the page, but there is no verdict"
            yield Problem("verdict", look.prefix, text)
        return
    state = str(look.verdict.get("state"))
    if state in _rightly(look):
        return
    # If ads do not arrive without a blocker either, one in the network cannot be detected.
    if clean is not None and look.expected == "unreachable" and state == _state(clean) != "clear":
        return
    kind, signals = look.verdict.get("kind"), json.dumps(look.verdict.get("signals"))
    text = f"the verdict is {state} (kind {kind}, signals {signals}), and should be {look.expected}"
    yield Problem("verdict", state, text)


def notice_problems(look: PageVisit) -> Iterator[Problem]:
    """Yield what is wrong with the notice: shown without a blocker, or missing when due."""
    if not look.prefix or look.verdict is None:
        return
    state = look.verdict.get("state")
    if look.notice is None and look.due:
        yield Problem("notice", str(state), f"the state is {state}, and no notice is shown")
    if look.notice is not None and look.due is False:
        said = str(look.notice.get("text", "")).partition("\n")[0]
        text = f"a notice is shown (“{said}”) that does not follow from the state {state}"
        yield Problem("notice", str(state), text)


def _state(look: PageVisit) -> str:
    return str(look.verdict.get("state")) if look.verdict else ""


def _rightly(look: PageVisit) -> tuple[str, ...]:
    """Return the states that are correct for a visit."""
    if look.expected == "clear":
        return ("clear", "unreachable", "unknown")
    if look.expected == "unreachable" and not _ads_failed(look):
        # A page without ads has none that fail to arrive.
        return ("unreachable", "clear")
    return (look.expected,)


def _ads_failed(look: PageVisit) -> bool:
    pattern = re.compile(hosts())
    return any(pattern.search("." + urlsplit(one.url).netloc) for one in look.blocked)
