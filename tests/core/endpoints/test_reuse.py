"""Views that reuse a verdict of clear: counted as what they are, by their bootstrap alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from detector.analytics.figures import Figures, figures
from detector.core.counting.dimensions import ALL
from detector.core.counting.store import Sum
from detector.core.html.page_flags import PageFlags
from detector.core.limits.rate_limiter import REPORTS
from detector.core.site import Site
from tests.conftest import GOOGLEBOT
from tests.core.endpoints.conftest import VIEW, Visit, verdict
from tests.core.limits.test_rate_limiter import FAR

MakeSite = Callable[..., Site]
REUSED = "&r="


@pytest.fixture
def visit(make_site: MakeSite) -> Visit:
    """Return a visitor of a site that reuses verdicts."""
    return Visit(make_site(reuse_minutes=5))


def total(site: Site) -> Figures:
    """Return the figures of all that was counted."""
    rows = site.counters.snapshot()
    return figures(
        Sum(key[0], key[3], key[4], key[5], n) for key, n in rows.items() if key[2] == ALL
    )


def test_a_reused_view_is_clear(visit: Visit) -> None:
    """It is a view and a verdict of clear in each dimension, and gets nothing to probe with."""
    assert visit.control(more=REUSED) == {"v": VIEW}
    assert visit.counted("view", dimension="group", value="/article/*") == 1
    for dimension, value in (("group", "/article/*"), ("browser", "firefox"), ("kind", "none")):
        assert visit.counted("verdict", "clear", dimension, value) == 1


def test_one_blocker_among_three_visitors(visit: Visit) -> None:
    """Five pages each, of which two visitors reuse four: a third of the views is blocked."""
    for who in range(3):
        for page in range(5):
            view = f"{who * 10 + page:020}"
            if who and page:
                visit.control(view, REUSED)
                continue
            control = visit.control(view)
            state = {} if who else {"s": "blocked", "e": True}
            visit.post(verdict(visit, control, **state))
    blocked = total(visit.site).state("blocked")
    assert (blocked.part, blocked.whole) == (5, 15)
    assert total(visit.site).views == 15


def test_won_back(visit: Visit) -> None:
    """A reused view of a visitor who has allowed ads counts as won back, under their kind."""
    for number, mark in enumerate(("ae", "an", "we", "-", "", "x" * 300)):
        visit.control(f"{number:020}", REUSED + mark)
    assert visit.counted("recovered") == 2
    assert visit.counted("recovered", dimension="kind", value="extension") == 1


def test_counts_once(visit: Visit) -> None:
    """A repeated bootstrap counts nothing more, and neither does a report of the same view."""
    visit.control(more=REUSED)
    visit.control(more=REUSED)
    control = visit.control()
    visit.post(verdict(visit, control, s="blocked", e=True))
    assert (visit.counted("view"), visit.counted("verdict", "clear")) == (1, 1)
    assert visit.counted("verdict", "blocked") == 0
    assert visit.counted("refused", dimension="reason", value="repeat") == 1


def test_forged_verdicts_have_the_limit_of_reports(make_site: MakeSite) -> None:
    """A client can count no more verdicts in this way than by reports."""
    flood = Visit(make_site(reuse_minutes=5))
    flood.remote = FAR
    for number in range(REPORTS.burst + 50):
        flood.control(f"{number:020}", REUSED)
    assert flood.counted("verdict", "clear") == flood.counted("view") == REPORTS.burst
    assert flood.counted("refused", dimension="reason", value="rate") == 50


@pytest.mark.parametrize(
    ("options", "flags", "headers", "more"),
    [
        ({}, PageFlags(local=True), {}, ""),
        ({"gpc": "local"}, PageFlags(), {"sec-gpc": "1"}, ""),
        ({"level": "local"}, PageFlags(), {}, ""),
        ({}, PageFlags(ad_free=True), {}, ""),
        ({}, PageFlags(), {"user-agent": GOOGLEBOT}, ""),
        ({}, PageFlags(), {}, "&w=true"),
        ({"share": 0.0001}, PageFlags(), {}, ""),
        ({}, PageFlags(), {"sec-fetch-site": "cross-site"}, ""),
    ],
)
def test_who_is_not_counted(
    make_site: MakeSite,
    options: dict[str, Any],
    flags: PageFlags,
    headers: dict[str, str],
    more: str,
) -> None:
    """Consent, robots, members, the share and other sites' pages are as for any view."""
    visit = Visit(make_site(reuse_minutes=5, **options), flags, **headers)
    visit.control("9" * 20, REUSED + more)
    assert (visit.counted("view"), visit.counted("verdict", "clear")) == (0, 0)


def test_sites_that_reuse_nothing(make_site: MakeSite) -> None:
    """Without the option the bootstrap counts no verdict."""
    visit = Visit(make_site())
    assert "t" in visit.control(more=REUSED)
    assert (visit.counted("view"), visit.counted("verdict", "clear")) == (1, 0)
