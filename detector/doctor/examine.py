"""Puts the looks together: pages first, then the URLs that their tag names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from detector.baits.judge import Judge
from detector.doctor import bait_looks, file_looks, list_looks, page_looks
from detector.doctor.fetching import DoctorError, Fetcher
from detector.doctor.findings import Finding
from detector.doctor.layers import cause
from detector.doctor.visit import Page, Visit, get_page, visit


def examine(
    fetcher: Fetcher, url: str, more: Sequence[str] = (), judge: Judge | None = None
) -> list[Finding]:
    """Look at a page, further pages, and our URLs; raises DoctorError when nothing answers."""
    pages = [get_page(fetcher, one) for one in (url, *more)]
    if not pages[0].answer.status and not pages[0].hops:
        raise DoctorError(f"{url}: {pages[0].answer.failure}; {_help(pages[0])}")
    found: list[Finding] = []
    seen: set[str] = set()
    for page in pages:
        here = page_findings(page, fetcher.user_agent)
        found += [replace(finding, page=page.url) for finding in here]
        tag = page.tag
        # Pages of one site share the script: its URLs are asked for once.
        if tag and (src := tag.folder(page.url) + tag.file) not in seen:
            seen.add(src)
            ours = visit(fetcher, page, tag)
            about = visit_findings(ours, fetcher.user_agent, judge)
            found += [replace(finding, page=page.url) for finding in about]
    return found


def page_findings(page: Page, user_agent: str) -> list[Finding]:
    """Give what is to be said about a page."""
    found = [page_looks.reachable(page, user_agent)]
    if page.answer.status and not page.answer.goal:
        if found[0].level == "ok" or page.document.tags:
            found.append(page_looks.tag(page, user_agent))
        found += [one for look in page_looks.LOOKS if (one := look(page))]
    return found


def visit_findings(ours: Visit, user_agent: str, judge: Judge | None = None) -> list[Finding]:
    """Give what is to be said about our URLs."""
    why = cause(ours)
    looks: list[Callable[[], Finding | None]] = [
        partial(file_looks.scripts, ours, why),
        partial(file_looks.script_cache, ours),
        partial(file_looks.control, ours, why, user_agent),
        partial(file_looks.control_cache, ours),
        partial(file_looks.more_files, ours, why),
        partial(bait_looks.baits, ours, why),
        partial(bait_looks.controls, ours, why),
        partial(bait_looks.fresh, ours),
        partial(bait_looks.head, ours, why),
        partial(file_looks.report, ours, why),
        partial(file_looks.cookies, ours),
    ]
    if judge:
        looks += [partial(list_looks.served, ours, judge), partial(list_looks.live, ours, judge)]
    return [found for look in looks if (found := look())]


def _help(page: Page) -> str:
    if "certificate" in page.answer.failure:
        return "mend the certificate, or give --insecure for one that is for tests only"
    return "check the address and that the site runs, or give more time with --timeout"
