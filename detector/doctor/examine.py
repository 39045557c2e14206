"""The whole look: pages first, then the site that their tags tell of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import urljoin

from detector.baits.judge import Judge
from detector.doctor.document import Page
from detector.doctor.findings import Finding
from detector.doctor.looks import absent, baits, control, names, page, policy, report, script, tag
from detector.doctor.visit import Visit
from detector.doctor.web import AddressError, Web, checked


def examine(
    web: Web, url: str, paths: Sequence[str] = (), judge: Judge | None = None
) -> list[Finding]:
    """Look at the page at `url` and at further `paths` of its site.

    Raises AddressError when an address cannot be asked for, or nothing answers at the first.
    """
    addresses = list(dict.fromkeys([checked(url), *(checked(urljoin(url, one)) for one in paths)]))
    found: list[Finding] = []
    visits: dict[str, Visit] = {}
    for address in addresses:
        opened = page.open_page(web, address)
        if opened.answer.failed and address == addresses[0]:
            raise AddressError(_nothing(opened))
        for one in _page(web, opened, visits, judge):
            found.append(replace(one, page=one.page and opened.asked))
    return found


def _nothing(opened: Page) -> str:
    why = opened.answer.failed
    mend = "look at the address, and whether the site runs"
    if "certificate" in why:
        mend = "mend the certificate, or take any with --insecure"
    elif "within" in why:
        mend = "give it longer with --timeout SECONDS"
    return f"{opened.answer.url} does not answer: {why}; {mend}"


def _page(web: Web, opened: Page, visits: dict[str, Visit], judge: Judge | None) -> list[Finding]:
    """Look at one page, and at its site where that was not looked at yet."""
    first = page.arrives(opened)
    found = [first]
    if first.level == "ok" or opened.tags:
        found.append(page.kept(opened))
        if not opened.tags:
            why, other = absent.why(web, opened)
            found.append(why)
            opened = other or opened
        else:
            found += tag.stands(opened)
    site: list[Finding] = []
    if opened.tags:
        found += [tag.line(opened), tag.nonce(opened)]
        ours = opened.tags[0]
        visit = visits.get(ours.folder)
        if visit is None:
            visit = visits[ours.folder] = Visit(web, opened, ours)
            site = _site(visit, judge)
        found += policy.allows(visit, opened)
    if first.level == "ok":
        found.append(page.worker(web, opened))
    return [replace(one, page="page") for one in found] + site


def _site(visit: Visit, judge: Judge | None) -> list[Finding]:
    """Look at all that a tag leads to."""
    found = script.arrives(visit)
    said, day = control.answers(visit)
    found += said
    both = (bait for again in (False, True) for bait in day.get(again, []))
    every = list({str(bait[2]): bait for bait in both}.values())
    if visit.control and every:
        found += script.further(visit)
        found += baits.arrive(visit, every)
        found += report.taken(visit)
    found += policy.carries(visit)
    if judge:
        found += names.clean(visit, every, judge)
    return found
