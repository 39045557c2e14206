"""The report as one page: a table of pages and blockers, then each page with its pictures.

It needs no script, no network, no server and no other file, and its policy allows none; its lists
are cut where it would be larger than a page should be.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from importlib.resources import files
from urllib.parse import urlsplit

from detector import __version__
from detector.audit import wording
from detector.audit.cards import MOST, Detail, card, is_picture, signed
from detector.audit.markup import Html, address, foreign, join, tag
from detector.audit.model import PROBLEMS, PageVisit, Report, Under

GENERATOR = "detector audit"
LARGEST = 5_000_000
"""The bytes that a page should have at most, its pictures included."""
_TEXT = 1_500_000
_LENGTHS = (MOST, 60, 20, 5, 0)

Embed = Callable[[Sequence[str], int], Mapping[str, str]]


def page(report: Report, embed: Embed | None = None) -> str:
    """Return the whole page.

    `embed` takes paths of pictures and the bytes that there is room for, and returns data URLs by
    path; other pictures are shown from the files beside the page.
    """
    detail = Detail()
    for most in _LENGTHS:
        detail = Detail(most=most)
        made = _page(report, detail)
        if len(made.encode()) <= _TEXT:
            break
    paths = [one.picture for one in report.visits if is_picture(one.picture)]
    if embed is None or not paths:
        return made
    room = LARGEST - len(made.encode()) - 200 * len(paths)
    return _page(report, replace(detail, pictures=embed(paths, room)))


def _page(report: Report, detail: Detail) -> str:
    site = urlsplit(report.site).netloc
    body = join(
        _header(report, site),
        tag(
            "main",
            _overview(report),
            _problems(report, detail.most),
            _known(report),
            _blockers(report),
            *_pages(report, detail),
        ),
        tag("footer", tag("p", _FOOT), _files(), *[tag("p", foreign(one)) for one in report.notes]),
    )
    return document(f"{site} under ad blockers", body)


def document(title: str, body: Html) -> str:
    """Return a page of ours, with the mark by which a report's folder is recognised."""
    style = _style()
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    # Some browsers give files no origin, so `'self'` alone may not allow pictures.
    policy = f"default-src 'none'; img-src 'self' data: file:; style-src 'sha256-{digest}'"
    head = join(
        Html('<meta charset="utf-8">'),
        tag("meta", http_equiv="Content-Security-Policy", content=policy),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="generator", content=f"{GENERATOR} {__version__}"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("meta", name="robots", content="noindex"),
        tag("link", rel="icon", href="data:,"),
        tag("title", title),
        tag("style", Html(style)),
    )
    whole = tag("html", tag("head", head), tag("body", body), lang="en")
    return f"<!doctype html>\n{whole}\n"


_FOOT = (
    "✓ nothing is worse than without a blocker; ✗ something is; ! the page could not be visited; "
    "– it was not visited. “Real” is the blocker that visitors have; an emulation applies the "
    "same lists. Digits and hashes in addresses and messages are treated as equal; "
    "differences between two visits without a blocker are ignored."
)


def _files() -> Html:
    # No links: the page may stand alone.
    return tag("p", "The audit also wrote report.json and junit.xml, for machines.")


@cache
def _style() -> str:
    return files(__package__).joinpath("report.css").read_text("utf-8")


def _header(report: Report, site: str) -> Html:
    began = datetime.fromisoformat(report.began)
    when = tag("time", f"{began.day} {began:%B %Y, %H:%M} UTC", datetime=report.began)
    verdict = {0: "fine", 1: "broken"}.get(report.status, "error")
    return tag(
        "header",
        tag("p", "Audit under ad blockers", class_="kicker"),
        tag("h1", tag("bdi", site, dir="ltr")),
        tag("p", wording.summary(report), class_=f"lead {verdict}"),
        tag("p", address(report.site), " · ", when, f" · {GENERATOR} {__version__}", class_="meta"),
        class_="top",
    )


def _mark(url: int, blocker: int) -> str:
    return f"page-{url + 1}-{blocker + 1}"


def _overview(report: Report) -> Html:
    heads = [tag("th", one.name, scope="col") for one in report.blockers]
    top = tag("thead", tag("tr", tag("th", "Page", scope="col"), *heads))
    rows = []
    visits = wording.by_place(report)
    for at, url in enumerate(report.pages):
        name = wording.page_name(url, report.site)
        link = tag("a", tag("bdi", name, dir="ltr"), href=f"#page-{at + 1}")
        cells = [
            tag(
                "td",
                tag("a", signed(wording.state_of(visits.get((url, one.name)), one)), href=mark),
            )
            for one, mark in zip(report.blockers, _links(at, report), strict=True)
        ]
        rows.append(tag("tr", tag("th", link, scope="row"), *cells))
    table = tag("table", top, tag("tbody", *rows))
    box = tag("div", table, class_="scroll", tabindex=0, role="region", aria_label="Overview")
    return tag("section", tag("h2", "Overview"), box)


def _links(at: int, report: Report) -> Iterator[str]:
    return (f"#{_mark(at, number)}" for number in range(len(report.blockers)))


def _problems(report: Report, most: int) -> Html | None:
    """Return the list of problems, each once, with up to so many places where it was found."""
    found: dict[tuple[str, str], list[Html]] = {}
    numbers = {one.name: number for number, one in enumerate(report.blockers)}
    pages = {url: number for number, url in enumerate(report.pages)}
    for visit in report.visits:
        told = [(one.kind, one.text) for one in visit.new]
        if visit.error:
            told.append(("error", visit.error))
        name = f"{wording.page_name(visit.url, report.site)} under {visit.blocker}"
        mark = _mark(pages[visit.url], numbers.get(visit.blocker, 0))
        link = tag("a", tag("bdi", name, dir="ltr"), href=f"#{mark}")
        for one in dict.fromkeys(told):
            found.setdefault(one, []).append(link)
    if not found:
        return None
    items = [
        tag(
            *("li", tag("b", kind, title=PROBLEMS.get(kind)), " ", foreign(text)),
            tag("span", *_with_commas(links, most), class_="where"),
        )
        for (kind, text), links in found.items()
    ]
    return tag("section", tag("h2", "What broke"), tag("ul", *items, class_="broke"))


def _known(report: Report) -> Html | None:
    """Return what the baseline has too, and what only it has."""
    if not report.baseline:
        return None
    known = [
        (visit.url, visit.blocker, one.kind, one.text)
        for visit in report.visits
        for one in visit.problems
        if one.known
    ]
    gone = [(one.url, one.blocker, one.kind, one.text) for one in report.gone]
    when = datetime.fromisoformat(report.baseline)
    parts = []
    for title, found in (("Known", known), ("Gone", gone)):
        items = [
            tag(
                *("li", tag("b", kind), " ", foreign(text)),
                tag(
                    "span", f"{wording.page_name(url, report.site)} under {blocker}", class_="where"
                ),
            )
            for url, blocker, kind, text in found
        ]
        summary = tag("summary", f"{title}: {wording.some(len(found), 'problem')}")
        parts.append(tag("details", summary, tag("ul", *items, class_="broke")))
    since = tag("p", f"Compared with the report of {when.day} {when:%B %Y, %H:%M} UTC.")
    return tag("section", tag("h2", "Since the baseline"), since, *parts)


def _with_commas(links: list[Html], most: int) -> Iterator[str]:
    for number, link in enumerate(links[: most + 1]):
        yield from (", ", link) if number else (link,)
    if len(links) > most + 1:
        yield f" and {len(links) - most - 1:,} more"


def _blockers(report: Report) -> Html:
    items = [
        tag(
            *("li", tag("b", one.name), " ", tag("span", wording.sort_of(one), class_="sort")),
            tag("p", foreign(one.label)),
            _missing(one),
        )
        for one in report.blockers
    ]
    return tag("section", tag("h2", "Visited with"), tag("ul", *items, class_="blockers"))


def _missing(under: Under) -> Html | None:
    if not under.missing:
        return None
    why = foreign(wording.missing(under))
    return tag("p", tag("b", "did not run to the end: "), why, class_="wrong")


def _pages(report: Report, detail: Detail) -> Iterator[Html]:
    every = wording.by_place(report)
    for at, url in enumerate(report.pages):
        visits = [every.get((url, one.name)) for one in report.blockers]
        named = wording.page_name(url, report.site)
        title = next((one.title for one in visits if one and one.title), "")
        about = [foreign(title), " · "] if title else []
        yield tag(
            "section",
            tag("h2", tag("bdi", named, dir="ltr")),
            tag("p", *about, address(url), class_="meta"),
            *_rows(report, at, visits, detail),
            class_="page",
            id=f"page-{at + 1}",
        )


def _rows(
    report: Report, at: int, visits: list[PageVisit | None], detail: Detail
) -> Iterator[Html]:
    """Return a row of cards for each browser, the one without a blocker first."""
    rows: dict[str, list[Html]] = {}
    for number, (under, visit) in enumerate(zip(report.blockers, visits, strict=True)):
        row = rows.setdefault(under.clean or under.name, [])
        made = card(visit, under, _mark(at, number), detail)
        row.insert(0 if not under.clean else len(row), made)
    return (tag("div", *row, class_="row") for row in rows.values())
