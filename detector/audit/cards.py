"""The part of the report's page about one visit: its picture, and what was found."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import quote

from detector.audit import wording
from detector.audit.markup import Html, address, foreign, join, tag
from detector.audit.model import Failed, PageVisit, Problem, Under

MOST = 200
_PICTURE = re.compile(r"[\w-][\w.-]*(?:/[\w-][\w.-]*)*\.png")


def card(visit: PageVisit | None, under: Under, mark: str) -> Html:
    """Return the card of a page under a blocker; `mark` is the card's id."""
    state = wording.state_of(visit, under)
    title = tag("h3", under.name, id=f"{mark}-title")
    sort = tag("p", wording.sort_of(under), class_="sort")
    top = tag("header", title, sort)
    if visit is None:
        inside = join(
            _status(state, 0), _said("p", wording.missing(under)) if under.missing else None
        )
    else:
        inside = join(_picture(visit, under), _status(state, visit.seconds), _found(visit))
    classes = f"card {state.name}"
    return tag("article", top, inside, class_=classes, id=mark, aria_labelledby=f"{mark}-title")


def signed(state: wording.State) -> Html:
    """Return a state's sign and word; the sign says nothing that the word does not."""
    sign = tag("span", state.sign, aria_hidden="true")
    return tag("span", sign, " ", state.word, class_=f"state {state.name}")


def _status(state: wording.State, seconds: float) -> Html:
    took = tag("span", f"{seconds:.1f} s", class_="took") if seconds else None
    return tag("p", signed(state), " ", took, class_="status")


def _picture(visit: PageVisit, under: Under) -> Html:
    path = visit.picture
    # Only pictures in the report's own folder are shown.
    if not _PICTURE.fullmatch(path):
        return tag("p", "no picture", class_="blank")
    alt = f"The page under {under.name}" if under.clean else "The page without a blocker"
    image = tag("img", src=quote(path), alt=alt, width=1280, height=800)
    return tag("a", image, href=quote(path), class_="picture")


def _found(visit: PageVisit) -> Html:
    parts: list[Html | None] = []
    if visit.error:
        parts.append(_said("p", visit.error, class_="wrong"))
    problems = [_problem(one) for one in visit.problems]
    parts.append(tag("ul", *problems, class_="problems") if problems else None)
    if not visit.error:
        parts.append(_facts(visit))
    parts += _lists(visit)
    return join(*parts)


def _problem(one: Problem) -> Html:
    told = [foreign(wording.cause(cause)) for cause in one.causes]
    if wording.advice(one):
        told.append(foreign(wording.advice(one)))
    rules = tag("ul", *(tag("li", each) for each in told), class_="causes") if told else None
    known = tag("i", " known") if one.known else None
    return tag("li", tag("b", one.kind), known, " ", foreign(one.text), rules, class_="wrong")


def _facts(visit: PageVisit) -> Html:
    by = "" if visit.shift_measure in ("", "browser") else ", measured by us"
    moved = f"{visit.shift:.2f}{by}" if visit.shift >= 0.005 else ""
    status = str(visit.status) if visit.status and visit.status != 200 else ""
    leads = visit.final_url if visit.final_url.rstrip("/") != visit.url.rstrip("/") else ""
    rows = [
        ("Verdict", foreign(wording.verdict(visit))),
        ("Expected", tag("span", visit.expected) if wording.is_other(visit) else None),
        ("Notice", foreign(wording.notice(visit)) if wording.notice(visit) else None),
        ("Answer", tag("span", status) if status else None),
        ("Leads to", address(leads) if leads else None),
        ("Layout shift", tag("span", moved) if moved else None),
    ]
    told = [tag("div", tag("dt", name), tag("dd", text)) for name, text in rows if text]
    return tag("dl", *told)


def _lists(visit: PageVisit) -> list[Html | None]:
    baits = [one for one in visit.blocked if one.bait]
    failed = [one for one in visit.failed if not one.blocked]
    return [
        _folded("request", "blocked", [_request(one) for one in wording.stopped(visit)]),
        _folded("bait", "of the detector blocked", [_request(one) for one in baits]),
        _folded("other request", "failed", [_request(one) for one in failed]),
        _folded("error", "in the console", [foreign(one) for one in visit.console]),
        _folded("dialog", "dismissed", [foreign(one) for one in visit.dialogs]),
        _folded("download", "", [foreign(one) for one in visit.downloads]),
        _folded("note", "", [foreign(one) for one in visit.notes]),
    ]


def _request(one: Failed) -> Html:
    why = "" if one.blocked else f" ({one.why})"
    rules = [tag("small", foreign(wording.cause(each)), class_="cause") for each in one.causes]
    return join(tag("i", one.type), " ", address(one.url, 300), foreign(why), *rules)


def _folded(noun: str, what: str, entries: Sequence[Html]) -> Html | None:
    if not entries:
        return None
    items = [tag("li", one) for one in entries[:MOST]]
    if len(entries) > MOST:
        items.append(tag("li", f"… and {len(entries) - MOST:,} more, in report.json"))
    return tag(
        "details",
        tag("summary", f"{wording.some(len(entries), noun)} {what}".strip()),
        tag("ul", *items),
    )


def _said(name: str, text: str, **attributes: str) -> Html:
    return tag(name, foreign(text), **attributes)
