"""A report for the authors of filter lists: what their rules break, in Markdown, ready to be sent.

It names pages by their paths alone: queries, texts of the page and what a visitor typed stay here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from detector.audit import wording
from detector.audit.model import Cause, PageVisit, Problem, Report, Under, problems_of

NAME = "for-list-authors.md"
_MOST_PAGES = 5


def list_report(report: Report) -> str:
    """Return the Markdown, a section for each rule that breaks something; "" if none does."""
    labels = {under.name: under for under in report.blockers}
    sections = [
        _section(cause, broken, labels) for cause, broken in _by_rule(report).items() if broken
    ]
    return "\n".join(sections)


def _by_rule(report: Report) -> dict[Cause, list[tuple[PageVisit, Problem]]]:
    found: dict[Cause, list[tuple[PageVisit, Problem]]] = {}
    for visit, problem in problems_of(report.visits):
        for cause in problem.causes:
            if not cause.useless:
                found.setdefault(cause, []).append((visit, problem))
    return found


def _section(
    cause: Cause, broken: list[tuple[PageVisit, Problem]], labels: dict[str, Under]
) -> str:
    pages = list(dict.fromkeys(_page(visit) for visit, _ in broken))
    first, problem = broken[0]
    label = wording.line(labels[first.blocker].label) if first.blocker in labels else first.blocker
    lines = [
        f"## {_code(cause.rule)} breaks {urlsplit(first.url).hostname}",
        "",
        f"List: {cause.list}{f' of {cause.date}' if cause.date else ''}, line {cause.line}",
        f"Rule: {_code(cause.rule)}{' (most likely)' if cause.likely else ''}",
        f"Seen with: {label}",
        "",
        "Steps:",
        "",
        *_steps(first, problem),
        "",
        "Without the blocker the same element or file works. It is not an advertisement.",
        "",
    ]
    if len(pages) > 1:
        more = f" and {len(pages) - _MOST_PAGES} more" if len(pages) > _MOST_PAGES else ""
        lines += [f"Pages: {', '.join(map(_code, pages[:_MOST_PAGES]))}{more}", ""]
    return "\n".join(lines)


def _steps(visit: PageVisit, problem: Problem) -> Iterator[str]:
    yield f"1. Open {_code(_page(visit))}"
    if problem.kind == "hidden":
        yield f"2. {_code(problem.target)} is hidden"
    else:
        parts = urlsplit(problem.target)
        yield f"2. {_code(parts._replace(query='', fragment='').geturl())} is blocked"


def _page(visit: PageVisit) -> str:
    return wording.line(urlsplit(visit.url)._replace(query="", fragment="").geturl())


def _code(text: str) -> str:
    """Return a text as Markdown code, whatever it contains."""
    text = wording.line(text, 300)
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * (longest + 1)
    space = " " if "`" in text else ""
    return f"{fence}{space}{text}{space}{fence}"
