"""What is worse in a page under a blocker than in the same page without one.

Plain functions of visits. Blockers exist to stop ads, so none of these is a problem by itself: a
blocked request to another site, a blocked image or frame, a hidden link to another site, or
anything in the place of an ad. Whatever they break shows in the rest of the page.

A third visit, clean again, shows what varies without any blocker: its differences from the first
clean one are ignored. Digits and hashes in addresses and messages are treated as equal.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from detector.audit.detector_findings import notice_problems, verdict_problems
from detector.audit.model import Control, Failed, PageVisit, Problem
from detector.audit.origins import plain, plain_url, same_site, short_url
from detector.audit.script import LIMITS

# Of the controls in the clean visit; a visit under a blocker may have some more.
MOST = 200
# Web Vitals' limit for a good page: https://web.dev/articles/cls
SHIFT = 0.1
# Types without which a page may not work; its own images, frames and pings may be ads.
NEEDED = ("script", "stylesheet", "xhr", "fetch", "eventsource", "font", "media")
_TOGETHER = 4
_STATES = {"hidden": "is hidden", "disabled": "is switched off", "gone": "is gone"}


def compare(clean: PageVisit, visit: PageVisit, again: PageVisit | None = None) -> list[Problem]:
    """Return what is worse in `visit` than in `clean`; `again` is another clean visit.

    Empty if one of them has an error, because there is nothing to compare with.
    """
    if clean.error or visit.error:
        return []
    before = [clean] if again is None or again.error else [clean, again]
    return [
        *_controls(before, visit),
        *_page(clean, visit),
        *_requests(before, visit),
        *_console(before, visit),
        *_shift(before, visit),
        *verdict_problems(visit, clean),
        *notice_problems(visit),
    ]


def compare_clean(visit: PageVisit) -> list[Problem]:
    """Return what is wrong without any blocker: its visitors must not be accused."""
    if visit.error:
        return []
    return [*verdict_problems(visit), *notice_problems(visit)]


def lasting(found: Iterable[Problem], again: Iterable[Problem]) -> list[Problem]:
    """Return those problems of a visit that another visit under the same blocker has too."""
    seen = {(one.kind, plain(one.target)) for one in again}
    return [one for one in found if (one.kind, plain(one.target)) in seen]


def _key(one: Control) -> str:
    return plain(one.key or one.selector)


def _controls(before: list[PageVisit], visit: PageVisit) -> Iterator[Problem]:
    wanted = _usable(before[0])
    for other in before[1:]:
        wanted &= _usable(other)
    found: dict[str, list[Control]] = defaultdict(list)
    for one in visit.controls:
        found[_key(one)].append(one)
    known = {_key(one) for one in before[0].controls}
    renamed = {
        one.selector for one in visit.controls if one.state == "usable" and _key(one) not in known
    }
    full = len(visit.controls) >= LIMITS["most"]
    covered: dict[str, list[Control]] = defaultdict(list)
    for one in before[0].controls[:MOST]:
        key = _key(one)
        if not wanted[key]:
            continue
        wanted[key] -= 1
        same = found[key]
        if not same:
            if not full and one.selector not in renamed:
                yield _lost(one, "gone")
            continue
        # Usable ones match first, so that as many as possible count as usable.
        same.sort(key=lambda each: each.state != "usable")
        now = same.pop(0)
        if now.state == "covered":
            covered[now.by].append(now)
        elif now.state != "usable":
            yield _lost(now, now.state)
    for by, ones in covered.items():
        yield from _covered(by, ones)


def _usable(visit: PageVisit) -> Counter[str]:
    controls = [one for one in visit.controls[:MOST] if one.state == "usable" and not one.ad]
    return Counter(map(_key, controls))


def _lost(one: Control, state: str) -> Problem:
    text = f"{_called(one)} {_STATES[state]} under the blocker"
    return Problem("hidden", one.selector, text, one.names if state == "hidden" else ())


def _covered(by: str, ones: list[Control]) -> Iterator[Problem]:
    if len(ones) < _TOGETHER:
        for one in ones:
            yield Problem("covered", one.selector, f"{_called(one)} is covered by {by}")
        return
    named = ", ".join(_called(one) for one in ones[:3])
    text = f"{by} covers {len(ones)} controls, such as {named}"
    yield Problem("covered", by, text)


def _called(one: Control) -> str:
    return f"“{one.name}”" if one.name else one.selector


def _page(clean: PageVisit, visit: PageVisit) -> Iterator[Problem]:
    if visit.status and clean.status and visit.status >= 400 > clean.status:
        text = f"the page itself answers {visit.status}, and {clean.status} without the blocker"
        yield Problem("request", visit.url, text)


def _requests(before: list[PageVisit], visit: PageVisit) -> Iterator[Problem]:
    known = {plain_url(one.url) for each in before for one in each.failed}
    page = visit.final_url or visit.url
    for one in visit.failed:
        if one.bait or one.type not in NEEDED or not same_site(one.url, page):
            continue
        if plain_url(one.url) in known or _given_up(one):
            continue
        known.add(plain_url(one.url))
        what = "is blocked" if one.blocked else f"failed ({one.why})"
        yield Problem("request", one.url, f"the site's own {one.type} {short_url(one.url)} {what}")


def _given_up(one: Failed) -> bool:
    """Whether the page cancelled the request itself, or navigated away from it."""
    return not one.blocked and "ABORT" in one.why


def _console(before: list[PageVisit], visit: PageVisit) -> Iterator[Problem]:
    known = {plain(text) for each in before for text in each.console}
    scripts = [short_url(one.url) for one in visit.blocked if one.type == "script" and not one.bait]
    cause = f"; blocked scripts: {', '.join(_few(scripts))}" if scripts else ""
    for text in visit.console:
        if plain(text) not in known:
            known.add(plain(text))
            yield Problem("console", text, text + cause)


def _few(names: Iterable[str]) -> list[str]:
    every = list(dict.fromkeys(names))
    return every if len(every) <= 3 else [*every[:3], f"{len(every) - 3} more"]


def _shift(before: list[PageVisit], visit: PageVisit) -> Iterator[Problem]:
    # A page that navigated to another one after its load event may not have been measured.
    if any(one.shift_measure != visit.shift_measure for one in before):
        return
    usual = max(one.shift for one in before)
    if visit.shift - usual >= SHIFT:
        what = visit.shifted[0] if visit.shifted else "the page"
        yield Problem("shift", what, f"{what} moves: {visit.shift:.2f}, and {usual:.2f} without")
