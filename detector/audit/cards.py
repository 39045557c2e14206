"""The part of the report's page about one visit: its picture, and what was found."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote

from detector.audit import wording
from detector.audit.markup import Html, address, foreign, join, tag
from detector.audit.model import Failed, PageVisit, Problem, Under
from detector.audit.web_pictures import inside

MOST = 200
_PICTURE = re.compile(r"[\w-][\w.-]*(?:/[\w-][\w.-]*)*\.png")


@dataclass(frozen=True)
class Detail:
    """What a page has room for: data URLs of pictures by path, and the length of its lists."""

    pictures: Mapping[str, str] = field(default_factory=dict)
    most: int = MOST


def card(visit: PageVisit | None, under: Under, mark: str, detail: Detail) -> Html:
    """Return the card of a page under a blocker; `mark` is the card's id."""
    state = wording.state_of(visit, under)
    title = tag("h3", under.name, id=f"{mark}-title")
    sort = tag("p", wording.sort_of(under), class_="sort")
    top = tag("header", title, sort)
    if visit is None:
        content = join(
            _status(state, 0), _said("p", wording.missing(under)) if under.missing else None
        )
    else:
        picture = _picture(visit, under, f"{mark}-large", detail)
        content = join(picture, _status(state, visit.seconds), _found(visit, detail.most))
    classes = f"card {state.name}"
    return tag("article", top, content, class_=classes, id=mark, aria_labelledby=f"{mark}-title")


def is_picture(path: str) -> bool:
    """Whether a path is that of a picture in the report's own folder: no other is shown."""
    return _PICTURE.fullmatch(path) is not None


def signed(state: wording.State) -> Html:
    """Return a state's sign and word; the sign says nothing that the word does not."""
    sign = tag("span", state.sign, aria_hidden="true")
    return tag("span", sign, " ", state.word, class_=f"state {state.name}")


def _status(state: wording.State, seconds: float) -> Html:
    took = tag("span", f"{seconds:.1f} s", class_="took") if seconds else None
    return tag("p", signed(state), " ", took, class_="status")


def _picture(visit: PageVisit, under: Under, mark: str, detail: Detail) -> Html:
    path = visit.picture
    if not is_picture(path):
        return tag("p", "no picture", class_="blank")
    alt = f"The page under {under.name}" if under.clean else "The page without a blocker"
    size = {"width": 1280, "height": 800}
    data = inside(detail.pictures, path)
    if not data:
        image = tag("img", src=quote(path), alt=alt, **size)
        return tag("a", image, href=quote(path), class_="picture")
    # The card of the picture that the address names is as wide as the page.
    image = tag("img", src=Html(data), alt=alt, **size)
    large = tag("a", image, href=f"#{mark}", title="Larger")
    small = tag("a", "Smaller", href=f"#{mark.removesuffix('-large')}", class_="smaller")
    return tag("div", large, small, class_="picture", id=mark)


def _found(visit: PageVisit, most: int) -> Html:
    parts: list[Html | None] = []
    if visit.error:
        parts.append(_said("p", visit.error, class_="wrong"))
    problems = [_problem(one) for one in visit.problems]
    parts.append(tag("ul", *problems, class_="problems") if problems else None)
    if not visit.error:
        parts.append(_facts(visit))
    parts += _lists(visit, most)
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


def _lists(visit: PageVisit, most: int) -> list[Html | None]:
    baits = [one for one in visit.blocked if one.bait]
    failed = [one for one in visit.failed if not one.blocked]
    told: list[tuple[str, str, Sequence[Failed | str]]] = [
        ("request", "blocked", wording.stopped(visit)),
        ("bait", "of the detector blocked", baits),
        ("other request", "failed", failed),
        ("error", "in the console", visit.console),
        ("dialog", "dismissed", visit.dialogs),
        ("download", "", visit.downloads),
        ("note", "", visit.notes),
    ]
    return [_folded(noun, what, entries, most) for noun, what, entries in told]


def _request(one: Failed) -> Html:
    why = "" if one.blocked else f" ({one.why})"
    rules = [tag("small", foreign(wording.cause(each)), class_="cause") for each in one.causes]
    return join(tag("i", one.type), " ", address(one.url, 300), foreign(why), *rules)


def _folded(noun: str, what: str, entries: Sequence[Failed | str], most: int) -> Html | None:
    if not entries:
        return None
    shown = (_request(one) if isinstance(one, Failed) else foreign(one) for one in entries[:most])
    items = [tag("li", one) for one in shown]
    if len(entries) > most:
        items.append(tag("li", f"… and {len(entries) - most:,} more, in report.json"))
    return tag(
        "details",
        tag("summary", f"{wording.some(len(entries), noun)} {what}".strip()),
        tag("ul", *items),
    )


def _said(name: str, text: str, **attributes: str) -> Html:
    return tag(name, foreign(text), **attributes)
