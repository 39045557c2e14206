"""The whole examination: pages first, then the site that their tags lead to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from time import time
from urllib.parse import urljoin

from detector.core.baits.pool import load
from detector.doctor.checks import (
    absent,
    baits,
    bootstrap,
    names,
    page,
    policy,
    pool,
    report,
    script,
    tag,
    untagged,
)
from detector.doctor.document import Page
from detector.doctor.findings import Finding
from detector.doctor.findings import error as as_error
from detector.doctor.visit import Visit
from detector.doctor.web import AddressError, Exhausted, Web, checked
from detector.filter_lists.matcher import Matcher

Baits = list[list[object]]
# Checks of the day's baits with what the owner names: filter lists, a pool.
Further = Callable[[Visit, Baits], list[Finding]]


def addresses_of(url: str, paths: Sequence[str] = ()) -> list[str]:
    """Return the addresses of the pages at `url` and `paths`, each once; raises AddressError."""
    return list(dict.fromkeys([checked(url), *(checked(urljoin(url, one)) for one in paths)]))


def examine(
    web: Web,
    addresses: Sequence[str],
    matcher: Matcher | None = None,
    baits_file: str = "",
    clock: Callable[[], float] = time,
    bare: Sequence[str] = (),
) -> list[Finding]:
    """Examine the pages of a site; raise AddressError when nothing answers at the first.

    `baits_file` is the pool that the site uses; raises PoolError if it cannot be used. `bare` are
    the addresses of pages that are meant to have no tag.
    """
    found: list[Finding] = []
    owned = load(baits_file)

    def further(visit: Visit, every: Baits) -> list[Finding]:
        matched = names.clean(visit, every, matcher) if matcher else []
        return pool.age(every, owned, clock()) + matched

    visits: dict[str, Visit] = {}
    try:
        for address in addresses:
            opened = page.open_page(web, address)
            if opened.answer.failed and address == addresses[0]:
                raise AddressError(_nothing(opened))
            for one in _page(web, opened, visits, further):
                found.append(replace(one, page=one.page and opened.asked))
        for address in bare:
            found.append(replace(untagged.bare(page.open_page(web, address)), page=address))
    except Exhausted as error:
        if not found:
            raise AddressError(f"{addresses[0]} does not answer: {error}; {error.fix}") from None
        saw = f"The examination was stopped, because {error}: the rest was not checked."
        found.append(as_error("time", saw, error.fix))
    return found


def _nothing(opened: Page) -> str:
    why = opened.answer.failed
    fix = "check the address, and whether the site is running"
    if "certificate" in why:
        fix = "fix the certificate, or accept any with --insecure"
    elif "within" in why:
        fix = "allow more time with --timeout SECONDS"
    return f"{opened.answer.url} does not answer: {why}; {fix}"


def _page(web: Web, opened: Page, visits: dict[str, Visit], further: Further) -> Iterator[Finding]:
    """Check one page, and its site unless that was checked before."""
    site: list[Finding] = []
    try:
        for one in _looks(web, opened, visits, further, site):
            yield replace(one, page="page")
    except Exhausted:
        yield from site
        raise
    yield from site


def _looks(
    web: Web, opened: Page, visits: dict[str, Visit], further: Further, site: list[Finding]
) -> Iterator[Finding]:
    """Yield the findings of a page, and append those of its site to `site`."""
    first = page.arrives(opened)
    yield first
    if first.level == "ok" or opened.tags:
        yield page.kept(opened)
        if not opened.tags:
            why, other = absent.why(web, opened)
            yield why
            opened = other or opened
        else:
            yield from tag.stands(opened)
    if opened.tags:
        yield tag.line(opened)
        yield tag.nonce(opened)
        ours = opened.tags[0]
        if elsewhere := tag.elsewhere(ours, web.refusal(ours.url)):
            yield elsewhere
        else:
            visit = visits.get(ours.folder)
            if visit is None:
                visit = visits[ours.folder] = Visit(web, opened, ours)
                for one in _site(visit, further):
                    site.append(one)
            yield from policy.allows(visit, opened)
    if first.level == "ok":
        yield page.worker(web, opened)


def _site(visit: Visit, further: Further) -> Iterator[Finding]:
    """Check everything that a tag leads to."""
    yield from script.arrives(visit)
    said, day = bootstrap.answers(visit)
    yield from said
    both = (bait for again in (False, True) for bait in day.get(again, []))
    every = list({str(bait[2]): bait for bait in both}.values())
    if visit.bootstrap and every:
        yield from script.further(visit)
        yield from baits.arrive(visit, every)
        yield from report.taken(visit)
    yield from policy.carries(visit)
    yield from further(visit, every)
