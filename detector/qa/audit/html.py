"""An audit as a page to read: a table of pages and blockers, then each page side by side."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from detector import __version__
from detector.qa.audit.model import PROBLEMS, Failed, Look, Report

TEMPLATE = Path(__file__).with_name("report.html")
MOST_LISTED = 60
LONGEST = 600


def html(report: Report) -> str:
    """Give the page; its pictures lie beside it, it needs no script and asks nobody."""
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    environment.filters.update(cut=cut, path=path_of, when=_when)
    template = environment.from_string(TEMPLATE.read_text("utf-8"))
    return template.render(
        report=report,
        version=__version__,
        mark=mark,
        kinds=PROBLEMS,
        ads=_ads,
        most=MOST_LISTED,
        verdict=verdict_of,
        outcome=outcome_of(report),
    )


def mark(look: Look | None) -> tuple[str, str]:
    """Give a look's place in the table: a word for its class, and what stands there."""
    if look is None:
        return "none", "not visited"
    if look.error:
        return "error", "not seen"
    if look.problems:
        number = len(look.problems)
        return "broken", f"{number} problem{'s' if number > 1 else ''}"
    return "fine", "works"


def outcome_of(report: Report) -> str:
    """Give one sentence on the whole audit."""
    broken = sum(bool(one.problems) for one in report.looks)
    unseen = sum(bool(one.error) for one in report.looks)
    missing = sum(bool(one.missing) for one in report.blockers)
    parts = []
    if broken:
        parts.append(f"{broken} of {len(report.looks)} looks found something broken")
    if unseen:
        parts.append(f"{unseen} could not be made")
    if missing:
        parts.append(f"{missing} of {len(report.blockers)} browsers did not run to the end")
    if report.stopped:
        parts.append("the audit was stopped early")
    said = "; ".join(parts) or "Nothing broke under any blocker"
    return f"{said[0].upper()}{said[1:]}."


def verdict_of(look: Look) -> str:
    """Give what the detector said: its state and kind, or that it is not there."""
    if look.verdict is None:
        return "no verdict"
    state, kind = look.verdict.get("state", ""), look.verdict.get("kind")
    return f"{state}, {kind}" if kind else str(state)


def path_of(url: str) -> str:
    """Give a page's path as it is shown, with its query."""
    parts = urlsplit(url)
    return f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"


def cut(text: Any, longest: int = LONGEST) -> str:
    """Give a text, shortened where it is very long."""
    whole = str(text)
    return whole if len(whole) <= longest else f"{whole[:longest]}… ({len(whole):,} letters)"


def _ads(blocked: list[Failed]) -> list[tuple[str, int]]:
    """Give the hosts whose requests were stopped, most first; the detector's baits are none."""
    hosts = (urlsplit(one.url).hostname or one.url for one in blocked if not one.bait)
    return Counter(hosts).most_common()


def _when(text: str) -> str:
    try:
        return f"{datetime.fromisoformat(text):%d %B %Y, %H:%M} UTC"
    except ValueError:
        return text
