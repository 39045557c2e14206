"""States stand in one place, `vocabulary.STATES`; every other place has each of them."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, cast

import pytest

from detector import Verdict
from detector.analytics.figures import Figures, figures
from detector.analytics.price import Price
from detector.core.counting.store import Sum
from detector.core.site import Site
from detector.core.vocabulary import STATES
from detector.dashboard.overview import _columns, _figures
from detector.testing.blockers.assertions import expect_state
from tests.core.endpoints.conftest import Visit, verdict
from tests.support.root import ROOT
from tests.support.visiting import Visit as Visitor

if TYPE_CHECKING:
    from playwright.sync_api import Page

TABLES = ["README.md", "docs/index.md", "docs/reference/vocabulary.md"]
SENTENCES = ["docs/how-to/analytics.md", "docs/how-to/notice.md", "docs/explanation/glossary.md"]


@pytest.mark.parametrize("state", STATES)
def test_the_scripts_know_it(state: str) -> None:
    """The type of the front end has each state."""
    text = (ROOT / "static/src/types.d.ts").read_text("utf-8")
    (line,) = re.findall(r"^type State = (.+);$", text, re.M)
    assert f'"{state}"' in line


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("page", [*TABLES, *SENTENCES])
def test_documentation_has_it(state: str, page: str) -> None:
    """Each page that lists the states has this one."""
    text = (ROOT / page).read_text("utf-8")
    assert f"| `{state}` |" in text if page in TABLES else re.search(rf"\b{state}\b", text)


@pytest.mark.parametrize("state", STATES)
def test_the_owners_function_is_told_it(state: str) -> None:
    """The documentation of `detector.Verdict` has each state."""
    assert re.search(rf'state: str\n    """[^"]*\b{state}\b', inspect.getsource(Verdict))


@pytest.mark.parametrize("state", STATES)
def test_it_is_counted_and_kept(state: str, make_site: Callable[..., Site]) -> None:
    """A report of each state is counted, and at the level full told to the server from then on."""
    visit = Visit(make_site(level="full"))
    visit.control()
    told = {**verdict(visit, visit.control()), "s": state, "e": "blocked"}
    cookie = dict(visit.post(told).headers)["Set-Cookie"].partition(";")[0]
    assert visit.counted("verdict", state) == 1
    assert visit.site.state_cookie.read({"cookie": cookie}) == state


@pytest.mark.parametrize("state", [state for state in STATES if state != "clear"])
def test_the_dashboard_has_a_column(state: str) -> None:
    """Each state but clear, which is the rest, has its column, and each column its value."""
    assert state in [column.name for column in _columns(None)]
    for price in (None, Price(1.0)):
        assert len(_figures(Figures(), price)) == len(_columns(price))


@pytest.mark.parametrize("state", STATES)
def test_the_test_kit_expects_it(state: str) -> None:
    """The kit's `expect_state` takes each state, and returns the verdict that has it."""

    class OnePage:
        url = "https://news.example/"

        def evaluate(self, *_: object) -> dict[str, str]:
            return {"state": state}

    assert expect_state(cast("Page", OnePage()), state, "no blocker")["state"] == state


def test_what_is_lost() -> None:
    """Blocked and unreachable views are lost income; partial ones are in no such figure."""
    sums = [Sum(0, "", state, "verdict", 10) for state in STATES]
    found = figures(sums)
    assert found.measured == 10 * len(STATES)
    assert found.state("blocked").part == 10
    assert found.income(1000).lost == 20
    assert found.with_ads == 20


@pytest.mark.parametrize("state", ["blocked", "unreachable", "partial"])
def test_the_kind_of_what_acts_is_counted(state: str, make_site: Callable[..., Site]) -> None:
    """A kind goes with each state in which something acts, and with no other."""
    visit = Visitor(make_site())
    visit.report(visit.control(), s=state, i="extension", e="blocked")
    assert visit.counted("verdict", state, "kind", "extension") == 1


def test_ads_won_back_may_be_partial(make_site: Callable[..., Site]) -> None:
    """A view with ads is won back, also where they arrive by an exception of the visitor's."""
    visit = Visitor(make_site())
    visit.report(visit.control(), s="partial", i="extension", e="blocked", r="ae")
    assert visit.counted("recovered") == 1


@pytest.mark.parametrize("state", ["blocked", "partial"])
def test_baits_that_arrived_were_not_blocked(state: str, make_site: Callable[..., Site]) -> None:
    """A report that something acts is corrected where the baits that it names did arrive."""
    visit = Visitor(make_site())
    told = visit.control()
    visit.bait(told)
    visit.report(told, s=state, f=[told["b"][0][1], told["b"][1][1]])
    assert (visit.counted("verdict", "unknown"), visit.counted("corrected", state)) == (1, 1)
