"""How an audit is told in words, the same in the page, in JUnit XML and on the screen."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from detector.audit.model import Failed, PageVisit, Report, Under
from detector.core.printable import printable
from detector.doctor.reach import origin

LONGEST = 600


@dataclass(frozen=True)
class State:
    """How one page fared under one blocker: a word, a sign for those who see no colours."""

    name: str
    sign: str
    word: str


def cut(text: str, most: int = LONGEST) -> str:
    """Return a foreign text that steers no screen and breaks no XML, cut to a length."""
    text = printable(text, keep="\t\n")
    return text if len(text) <= most else f"{text[:most].rstrip()}… ({len(text) - most:,} more)"


def line(text: str, most: int = LONGEST) -> str:
    """Return a foreign text as one line."""
    return " ".join(cut(text, most).split())


def page_name(url: str, site: str, most: int = 120) -> str:
    """Return the short name of a page: its path and query, whole where it is another origin's."""
    if origin(url) != origin(site):
        return line(url, most)
    parts = urlsplit(url)
    return line((parts.path or "/") + (f"?{parts.query}" if parts.query else ""), most)


def some(count: int, word: str) -> str:
    """Return a number with its noun."""
    return f"{f'{count:,}' if count else 'no'} {word}{'' if count == 1 else 's'}"


def by_place(report: Report) -> dict[tuple[str, str], PageVisit]:
    """Return the looks by address and blocker."""
    return {(one.url, one.blocker): one for one in reversed(report.looks)}


def state_of(look: PageVisit | None, under: Under) -> State:
    """Say how a page fared under a blocker; None where it was not looked at."""
    if look is None:
        return State("missing", "–", "not visited")
    if look.error:
        return State("error", "!", "not seen")
    if look.problems:
        return State("broken", "✗", some(len(look.problems), "problem"))
    return State("fine", "✓", "works")


def sort_of(under: Under) -> str:
    """Whether a blocker is real or an emulation, by its label."""
    if not under.clean:
        return "no blocker"
    return "emulation" if " (emulation" in under.label else "real"


def verdict(look: PageVisit) -> str:
    """Tell the detector's verdict."""
    if look.verdict is None:
        return "none was told" if look.prefix else "the page has no detector of ours"
    kind = look.verdict.get("kind")
    told = f"{look.verdict.get('state')}" + (f", kind {kind}" if kind else "")
    return line(told)


def stopped(look: PageVisit) -> list[Failed]:
    """Return the requests that the blocker stopped, but for our detector's baits."""
    return [one for one in look.blocked if not one.bait]


def is_other(look: PageVisit) -> bool:
    """Whether the verdict is another than the blocker's usual one."""
    return bool(look.verdict and look.expected and look.verdict.get("state") != look.expected)


def notice(look: PageVisit) -> str:
    """Tell the notice, "" where no detector could show one."""
    if look.verdict is None:
        return ""
    if look.notice is None:
        return "none shown"
    close = "can be closed" if look.notice.get("close") else "cannot be closed"
    return f"shown, {close}: “{line(str(look.notice.get('text', '')), 200)}”"


def summary(report: Report) -> str:
    """Tell the whole in one sentence."""
    looks = len(report.looks)
    broken = sum(bool(one.problems) for one in report.looks)
    unseen = sum(bool(one.error) for one in report.looks)
    missing = sum(bool(one.missing) for one in report.blockers)
    parts = []
    if broken:
        parts.append(f"{broken} of {some(looks, 'look')} found something broken")
    if unseen:
        parts.append(f"{unseen} of {some(looks, 'look')} could not be made")
    if missing:
        parts.append(f"{missing} of {some(len(report.blockers), 'browser')} did not run to the end")
    if report.stopped:
        parts.append("the audit was stopped early")
    told = "; ".join(parts) or "nothing broke under any blocker"
    return f"{told[0].upper()}{told[1:]}."


def missing(under: Under) -> str:
    """Tell why a blocker did not run to the end."""
    return line(under.missing)
