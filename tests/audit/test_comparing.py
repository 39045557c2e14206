"""What counts as worse under a blocker, from visits made without a browser."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from detector.audit.compare import compare, compare_clean, lasting
from detector.audit.model import PROBLEMS, Control, Failed, PageVisit, Problem

URL = "https://www.shop.example/offers/17"
BUY = Control("#buy", "Buy", "usable", key="button||buy||Buy|")
MORE = Control("main > a:nth-of-type(2)", "More", "usable", key="a||||More|/more")
SEARCH = Control("#q", "Search", "usable", key="input|search|q|q|Search|")
HELP = Control("#help", "Help", "usable", key="button||help||Help|")
ALL = [BUY, MORE, SEARCH, HELP]
OWN = "https://static.shop.example/app-1a2b3c4d5e.js?v=1"
PREFIX = "/hrzjhwvg/"


def clean(**more: Any) -> PageVisit:
    """Return a clean visit."""
    given = {"status": 200, "final_url": URL, "controls": ALL, "expected": "clear", **more}
    return PageVisit(URL, "none", **given)


def under(**more: Any) -> PageVisit:
    """Return a visit under a blocker that equals the clean one except for some fields."""
    return clean(**{"expected": "blocked", **more})


def told(state: str, **more: Any) -> dict[str, Any]:
    """Return the fields of a visit to a page with the detector."""
    verdict: dict[str, Any] = {"state": state, "kind": None, "signals": {}, "ms": 9}
    return {"prefix": PREFIX, "verdict": verdict, "due": False, **more}


def blocked(url: str, type: str = "script", **more: Any) -> Failed:
    """Return a blocked request."""
    return Failed(url, type, "net::ERR_BLOCKED_BY_CLIENT", True, **more)


def now(one: Control, state: str, by: str = "") -> list[Control]:
    """Return all page controls, one of them in another state."""
    return [replace(each, state=state, by=by) if each is one else each for each in ALL]


NOTICE = {"text": "Please\nallow ads", "close": True}
MANY = [Control(f"#b{n}", f"B{n}", "usable", key=f"button||b|{'x' * n}|") for n in range(9)]

WORSE: dict[str, tuple[PageVisit, PageVisit, list[tuple[str, str]]]] = {
    "a list hides a button": (clean(), under(controls=now(BUY, "hidden")), [("hidden", "#buy")]),
    "a button stays off": (clean(), under(controls=now(BUY, "disabled")), [("hidden", "#buy")]),
    "a button is gone": (clean(), under(controls=ALL[1:]), [("hidden", "#buy")]),
    "one of two alike is gone": (
        clean(controls=[BUY, replace(BUY, selector="#buy2")]),
        under(controls=[BUY]),
        [("hidden", "#buy2")],
    ),
    "a button is covered": (
        clean(),
        under(controls=now(BUY, "covered", "div.over")),
        [("covered", "#buy")],
    ),
    "a page is covered": (
        clean(),
        under(controls=[replace(one, state="covered", by="div.over") for one in ALL]),
        [("covered", "div.over")],
    ),
    "a script of the site is blocked": (clean(), under(failed=[blocked(OWN)]), [("request", OWN)]),
    "an answer of the site is another": (
        clean(),
        under(failed=[Failed(OWN, "fetch", "403 Forbidden", status=403)]),
        [("request", OWN)],
    ),
    "the page itself is refused": (clean(), under(status=403), [("request", URL)]),
    "a new error": (
        clean(),
        under(console=["ReferenceError: x"]),
        [("console", "ReferenceError: x")],
    ),
    "the page moves": (
        clean(shift=0.02),
        under(shift=0.3, shifted=["main", "#buy"]),
        [("shift", "main")],
    ),
    "a blocker goes unseen": (
        clean(**told("clear")),
        under(**told("clear")),
        [("verdict", "clear")],
    ),
    "the detector is silent": (
        clean(**told("clear")),
        under(prefix=PREFIX),
        [("verdict", PREFIX)],
    ),
    "a network's blocker is accused": (
        clean(**told("clear")),
        under(**told("blocked") | {"expected": "unreachable"}),
        [("verdict", "blocked")],
    ),
    "ads that do not arrive go unseen": (
        clean(**told("clear")),
        under(
            **told("clear") | {"expected": "unreachable"},
            failed=[blocked("https://x.doubleclick.net/a.js")],
        ),
        [("verdict", "clear")],
    ),
    "a notice is due and lacks": (
        clean(**told("clear")),
        under(**told("blocked", due=True)),
        [("notice", "blocked")],
    ),
    "a notice without a reason": (
        clean(**told("clear")),
        under(**told("unreachable", notice=NOTICE) | {"expected": "unreachable"}),
        [("notice", "unreachable")],
    ),
}


@pytest.mark.parametrize("case", WORSE)
def test_what_is_worse_is_found_and_named(case: str) -> None:
    """Each fault leads to exactly one problem, which names it."""
    before, after, wanted = WORSE[case]
    found = compare(before, after, before)
    assert [(one.kind, one.target) for one in found] == wanted
    assert all(one.kind in PROBLEMS and one.text for one in found)


SAME: dict[str, tuple[PageVisit, PageVisit]] = {
    "nothing": (clean(), under()),
    "ads are blocked": (
        clean(),
        under(failed=[blocked("https://ads.example/a.js"), blocked("https://x.example/", "frame")]),
    ),
    "own pictures, frames and pings may be ads": (
        clean(),
        under(
            failed=[
                blocked(f"{URL}/a.{kind}", kind) for kind in ("image", "frame", "ping", "other")
            ]
        ),
    ),
    "baits are there to be blocked": (clean(), under(failed=[blocked(OWN, bait=True)])),
    "what failed anyway": (clean(failed=[Failed(OWN, "script")]), under(failed=[blocked(OWN)])),
    "other digits of the same": (
        clean(
            failed=[Failed(OWN, "script")],
            console=["Error 17 in run 0a1b2c3d"],
            controls=[replace(BUY, key="button||buy-17||Buy (3)|")],
        ),
        under(
            failed=[blocked(OWN.replace("1a2b3c4d5e", "99ffeeddcc"))],
            console=["Error 18 in run 9f8e7d6c"],
            controls=[replace(BUY, key="button||buy-18||Buy (4)|")],
        ),
    ),
    "the page stopped a request itself": (
        clean(),
        under(failed=[Failed(OWN, "fetch", "net::ERR_ABORTED")]),
    ),
    "ads are hidden": (
        clean(controls=[replace(BUY, ad=True)]),
        under(controls=[replace(BUY, ad=True, state="hidden")]),
    ),
    "ads are gone": (clean(controls=[replace(BUY, ad=True)]), under(controls=[])),
    "hidden anyway": (clean(controls=now(BUY, "hidden")), under(controls=now(BUY, "hidden"))),
    "a button with another text": (
        clean(),
        under(controls=[replace(BUY, name="Sold", key="button||buy||Sold|"), *ALL[1:]]),
    ),
    "the order is another": (clean(), under(controls=ALL[::-1])),
    "more moves without": (clean(shift=0.4), under(shift=0.45)),
    "measured in one of them": (clean(), under(shift=0.3, shift_measure="own")),
    "all as it should be": (
        clean(**told("clear")),
        under(**told("blocked", due=True, notice=NOTICE)),
    ),
    "no ads, so none are missed": (
        clean(**told("clear")),
        under(**told("clear") | {"expected": "unreachable"}),
    ),
    "robots are passed by": (
        clean(prefix=PREFIX, due=False),
        under(prefix=PREFIX, due=False),
    ),
    "nobody knows whether a notice is due": (
        clean(**told("clear")),
        under(**told("blocked", due=None)),
    ),
    "the clean visit failed": (clean(error="did not answer"), under(console=["x"])),
    "the visit failed": (clean(), under(error="did not answer", controls=[])),
}


@pytest.mark.parametrize("case", SAME)
def test_what_is_a_blockers_work_is_no_problem(case: str) -> None:
    """Blocked ads, and differences that occur anyway, are not problems."""
    before, after = SAME[case]
    assert compare(before, after, before) == []


FLAKY: dict[str, dict[str, Any]] = {
    "message": {"console": ["TypeError: sometimes"]},
    "request": {"failed": [Failed(OWN, "script", "net::ERR_TIMED_OUT")]},
    "control": {"controls": ALL[1:]},
    "shift": {"shift": 0.3},
}


@pytest.mark.parametrize("case", FLAKY)
def test_what_two_clean_looks_differ_in_says_nothing(case: str) -> None:
    """A difference counts only if the second clean visit does not have it."""
    change = FLAKY[case]
    assert compare(clean(), under(**change), clean(**change)) == []
    assert len(compare(clean(), under(**change), clean())) == 1
    assert len(compare(clean(), under(**change))) == 1
    assert len(compare(clean(), under(**change), clean(error="died", **change))) == 1


@pytest.mark.parametrize("case", FLAKY)
def test_what_a_blocker_does_once_says_nothing(case: str) -> None:
    """A difference counts only if a second visit under the blocker has it too."""
    found = compare(clean(), under(**FLAKY[case]), clean())
    other = compare(clean(), under(console=["another, 7"]), clean())
    assert lasting(found, other) == []
    assert lasting([*other, *found], found) == found
    again = compare(clean(), under(console=["another, 8"]), clean())
    assert lasting(other, again) == other


def test_an_error_names_the_scripts_that_were_blocked() -> None:
    """An error lists the blocked scripts that may be its cause, without baits."""
    failed = [blocked(f"https://cdn{n}.example/{n}.js") for n in range(5)]
    found = compare(clean(), under(console=["x"], failed=[blocked(OWN, bait=True), *failed]))
    [text] = [one.text for one in found]
    assert text == (
        "x; blocked scripts: cdn0.example/0.js, cdn1.example/1.js, cdn2.example/2.js, 2 more"
    )


def test_a_request_is_told_once() -> None:
    """Addresses that differ only in the query are one problem."""
    found = compare(clean(), under(failed=[blocked(OWN), blocked(OWN + "2")]))
    assert len(found) == 1


def test_a_bound_of_controls_makes_none_look_gone() -> None:
    """A visit with the maximum of page controls may have more, so missing ones are not reported."""
    other = [replace(one, key=one.key + "other", selector="#o") for one in MANY]
    assert len(compare(clean(controls=MANY), under(controls=other))) == 9
    assert compare(clean(controls=MANY), under(controls=other * 40)) == []


@pytest.mark.parametrize(
    ("visit", "wanted"),
    [
        (clean(), []),
        (clean(**told("clear")), []),
        (clean(**told("unreachable")), []),
        (clean(**told("unknown")), []),
        (clean(**told("blocked")), ["verdict"]),
        (clean(**told("blocked", due=True, notice=NOTICE)), ["verdict"]),
        (clean(**told("clear", notice=NOTICE)), ["notice"]),
        (clean(prefix=PREFIX), ["verdict"]),
        (clean(error="did not answer", prefix=PREFIX), []),
    ],
)
def test_nobody_without_a_blocker_is_accused(visit: PageVisit, wanted: list[str]) -> None:
    """Without a blocker a false or missing verdict and a notice without a reason are problems."""
    assert [one.kind for one in compare_clean(visit)] == wanted


def test_a_problem_is_a_sentence_with_names() -> None:
    """Messages name what visitors see, not only its position."""
    found = compare(clean(), under(controls=now(BUY, "covered", "div.over")))
    assert found == [Problem("covered", "#buy", "“Buy” is covered by div.over")]
