"""The words of an audit, the same in the page, in JUnit XML and on the terminal."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from detector.audit.model import Cause, Failed, PageVisit, Problem, Report, Under
from detector.core.printable import printable
from detector.doctor.reach import origin

LONGEST = 600


@dataclass(frozen=True)
class State:
    """The result of one page under one blocker: a word, and a sign for the colour-blind."""

    name: str
    sign: str
    word: str


def cut(text: str, most: int = LONGEST) -> str:
    """Return an untrusted text, safe for terminals and XML, cut to a length."""
    text = printable(text, keep="\t\n")
    return text if len(text) <= most else f"{text[:most].rstrip()}… ({len(text) - most:,} more)"


def line(text: str, most: int = LONGEST) -> str:
    """Return an untrusted text as one line."""
    return " ".join(cut(text, most).split())


def page_name(url: str, site: str, most: int = 120) -> str:
    """Return the short name of a page: its path and query, or all of it for another origin's."""
    if origin(url) != origin(site):
        return line(url, most)
    parts = urlsplit(url)
    return line((parts.path or "/") + (f"?{parts.query}" if parts.query else ""), most)


def some(count: int, word: str) -> str:
    """Return a number with its noun."""
    return f"{f'{count:,}' if count else 'no'} {word}{'' if count == 1 else 's'}"


def by_place(report: Report) -> dict[tuple[str, str], PageVisit]:
    """Return the visits by address and blocker."""
    return {(one.url, one.blocker): one for one in reversed(report.visits)}


def state_of(visit: PageVisit | None, under: Under) -> State:
    """Return the result of a page under a blocker; `visit` is None if it was not visited."""
    if visit is None:
        return State("missing", "–", "not visited")
    if visit.error:
        return State("error", "!", "not seen")
    if visit.new:
        return State("broken", "✗", some(len(visit.new), "problem"))
    if visit.problems:
        return State("known", "○", f"{len(visit.problems)} known")
    return State("fine", "✓", "works")


def sort_of(under: Under) -> str:
    """Return whether a blocker is real or an emulation, by its label."""
    if not under.clean:
        return "no blocker"
    return "emulation" if " (emulation" in under.label else "real"


def verdict(visit: PageVisit) -> str:
    """Return the detector's verdict in words."""
    if visit.verdict is None:
        return "none was sent" if visit.prefix else "the page does not have our detector"
    kind = visit.verdict.get("kind")
    told = f"{visit.verdict.get('state')}" + (f", kind {kind}" if kind else "")
    return line(told)


def stopped(visit: PageVisit) -> list[Failed]:
    """Return the requests that the blocker stopped, except for our detector's baits."""
    return [one for one in visit.blocked if not one.bait]


def is_other(visit: PageVisit) -> bool:
    """Whether the verdict differs from the blocker's usual one."""
    return bool(visit.verdict and visit.expected and visit.verdict.get("state") != visit.expected)


def notice(visit: PageVisit) -> str:
    """Return the notice in words, "" if no detector could show one."""
    if visit.verdict is None:
        return ""
    if visit.notice is None:
        return "none shown"
    close = "can be closed" if visit.notice.get("close") else "cannot be closed"
    return f"shown, {close}: “{line(str(visit.notice.get('text', '')), 200)}”"


def summary(report: Report) -> str:
    """Return the whole result in one sentence."""
    visits = len(report.visits)
    broken = sum(bool(one.new) for one in report.visits)
    known = sum(one.known for visit in report.visits for one in visit.problems)
    unseen = sum(bool(one.error) for one in report.visits)
    missing = sum(bool(one.missing) for one in report.blockers)
    parts = []
    if broken:
        parts.append(f"{broken} of {some(visits, 'visit')} found something broken")
    if unseen:
        parts.append(f"{unseen} of {some(visits, 'visit')} failed")
    if missing:
        parts.append(f"{missing} of {some(len(report.blockers), 'browser')} did not run to the end")
    if report.stopped:
        parts.append("the audit was stopped early")
    if report.baseline:
        new = "" if broken else "nothing new broke; "
        parts.insert(bool(broken), f"{new}{some(known, 'known problem')}, {len(report.gone)} gone")
    told = "; ".join(parts) or "nothing broke under any blocker"
    return f"{told[0].upper()}{told[1:]}."


def missing(under: Under) -> str:
    """Return why a blocker did not run to the end."""
    return line(under.missing)


def cause(one: Cause) -> str:
    """Return a rule with its list, line and date, and how sure it is."""
    place = f"{one.list} line {one.line:,}" if one.line else one.list or "a list"
    dated = f"{place} of {one.date}" if one.date else place
    sure = "; most likely" if one.likely else ""
    useless = "; this exception does not help" if one.useless else ""
    return line(f"{one.rule} ({dated}{sure}{useless})", 300)


def advice(problem: Problem) -> str:
    """Return how a problem is fixed by another name, "" if none is known."""
    if not problem.suggestion:
        return ""
    return line(f"a name that no list acts on: {problem.suggestion}")
