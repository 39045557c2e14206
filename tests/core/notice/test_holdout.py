"""A variant that is held out, and what is counted of the sessions of each variant."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from detector.core.errors import ConfigError
from detector.core.html.page_flags import PageFlags
from detector.core.site import Site
from detector.core.vocabulary import MODES, TEST_ACTIONS
from tests.support.visiting import Visit

MakeSite = Callable[..., Site]
NOTICE: dict[str, Any] = {"name": "notice", "weight": 9}
HOLDOUT: dict[str, Any] = {"name": "holdout", "notice": "none"}


def arms(site: Site, flags: object = "", **headers: str) -> list[Any]:
    """Return the modes of each variant as a page gets them."""
    told = Visit(site, flags, **headers).control().get("y", ())
    return [modes for _, _, modes in told]


def test_the_page_draws_a_holdout_by_weight(make_site: MakeSite) -> None:
    """The page knows the holdout's name and weight, and that it shows nothing where others do."""
    told = Visit(make_site(variants=[NOTICE, HOLDOUT])).control()
    assert told["y"] == [["notice", 9, "corner"], ["holdout", 1, "-"]]
    assert "-" not in MODES


def test_no_rule_shows_the_notice_to_a_holdout(make_site: MakeSite) -> None:
    """A rule that selects another mode does so for other variants only."""
    rules = [{"kinds": ["browser"], "notice": "modal"}]
    site = make_site(variants=[NOTICE, HOLDOUT], notice_rules=rules)
    assert arms(site)[1] == "-" and arms(site)[0]["browser"] == "modal"


def test_no_page_shows_the_notice_to_a_holdout(make_site: MakeSite) -> None:
    """A view that sets its own mode sets it for other variants only."""
    site = make_site(variants=[NOTICE, HOLDOUT])
    assert arms(site, PageFlags(notice="modal")) == ["modal", "-"]


def test_where_nobody_is_asked_nobody_is_held_out(make_site: MakeSite) -> None:
    """What shows no notice to anybody is no part of the test: neither kinds nor pages."""
    rules = [{"kinds": ["browser"], "notice": "none"}]
    site = make_site(variants=[NOTICE, HOLDOUT], notice_rules=rules)
    assert {kind: each for kind, each in arms(site)[1].items() if each != "-"} == {
        "browser": "none"
    }
    assert arms(make_site(variants=[NOTICE, HOLDOUT]), PageFlags(notice="none")) == []


def test_nobody_is_held_out_of_a_message_in_place_of_an_ad(make_site: MakeSite) -> None:
    """Where only that message is shown, which asks for nothing, no variant is held out."""
    rules = [{"notice": "none"}]
    site = make_site(variants=[NOTICE, HOLDOUT], notice_rules=rules, unreachable_notice=True)
    assert arms(site) == ["none", "none"]


def test_a_site_that_only_measures_may_test_one_notice(make_site: MakeSite) -> None:
    """The holdout goes by the modes of the other variants, not by that of the site."""
    site = make_site(notice="none", variants=[{"name": "a", "notice": "corner"}, HOLDOUT])
    assert arms(site) == ["corner", "-"]


@pytest.mark.parametrize(
    ("variants", "message"),
    [
        ([NOTICE, HOLDOUT, {"name": "b", "notice": "none"}], r"\[2\]\[notice\] is \"none\" like"),
        ([HOLDOUT], "VARIANTS has one variant; two are needed"),
        ([NOTICE, {**HOLDOUT, "weight": 0}], r"\[1\]\[weight\] is 0; .*leave out a variant"),
        ([NOTICE, {**HOLDOUT, "name": "notice"}], r"\[1\]\[name\] is 'notice' a second time"),
        ([NOTICE, {**HOLDOUT, "preset": "warm"}], r"\[1\] is held out and has 'preset'"),
    ],
)
def test_wrong_holdouts(make_site: MakeSite, variants: list[Any], message: str) -> None:
    """Two holdouts, one alone, one of no weight, of another's name or with texts are refused."""
    with pytest.raises(ConfigError, match=message):
        make_site(variants=variants)


@pytest.fixture
def visit(make_site: MakeSite) -> Visit:
    """Return a visitor of a site with a holdout."""
    return Visit(make_site(variants=[NOTICE, HOLDOUT]))


def send(visit: Visit, number: int, state: str, **more: Any) -> None:
    """Send a report of a view of its own."""
    token = visit.control(str(number) * 20)["t"]
    visit.post({"t": token, "p": visit.page, "s": state, **more})


def counted(visit: Visit, variant: str = "holdout") -> tuple[int, ...]:
    """Return the sessions of a variant that were drawn, had a next view, and were won back."""
    return tuple(visit.counted(name, "", "variant", variant) for name in TEST_ACTIONS)


def test_a_session_is_counted_by_its_variant(visit: Visit) -> None:
    """A variant is drawn once for a session, which may then have a next view and be won back."""
    send(visit, 1, "blocked", a="drawn", y="holdout")
    send(visit, 2, "blocked", a="stayed", y="holdout")
    send(visit, 3, "clear", w="- holdout ")
    assert counted(visit) == (1, 1, 1) and counted(visit, "notice") == (0, 0, 0)
    assert visit.counted("verdict", "clear") == visit.counted("won", "", "browser", "firefox") == 1
    assert visit.counted("won", "", "mode", "none") == visit.counted("shown") == 0


def test_the_next_view_may_be_clear(visit: Visit) -> None:
    """The verdict of a clear view says both that the session had a next view and is won back."""
    send(visit, 1, "clear", w="s notice  ")
    assert counted(visit, "notice") == (0, 1, 1)


@pytest.mark.parametrize("state", ["blocked", "unreachable", "unknown", "partial"])
def test_only_clear_views_win_a_session_back(visit: Visit, state: str) -> None:
    """No other verdict says anything of its session."""
    send(visit, 1, state, w="s notice  ", e=True)
    assert counted(visit, "notice") == (0, 0, 0)


SAID: list[object] = [
    *("s notice", "- gone ", "s ", "s  ", "x notice ", "snotice ", "s notice   ", "s NOTICE ", ""),
    *(" notice ", "s notice\n", "s notice \n", "s notice other ", None, True, 7, ["s notice "], {}),
]


@pytest.mark.parametrize("session", SAID)
def test_what_no_browser_keeps_says_nothing(visit: Visit, session: object) -> None:
    """A session's entry that is told already, or not ours, has no effect; the verdict counts."""
    send(visit, 1, "clear", w=session)
    assert visit.counted("verdict", "clear") == 1
    assert visit.counted("won") == visit.counted("stayed") == 0


@pytest.mark.parametrize("action", ["drawn", "stayed"])
@pytest.mark.parametrize("variant", ["gone", "", "other", None])
def test_a_variant_that_the_site_lacks(visit: Visit, action: str, variant: object) -> None:
    """Only a variant of the site's can be drawn, or have a next view."""
    send(visit, 1, "blocked", a=action, y=variant)
    assert visit.counted(action) == 0
    assert visit.counted("refused", dimension="reason", value="value") == 1


@pytest.mark.parametrize("state", ["clear", "unknown", "unreachable"])
def test_nothing_is_drawn_for_whoever_is_not_asked(visit: Visit, state: str) -> None:
    """A variant is drawn on views that may be asked only."""
    send(visit, 1, state, a="drawn", y="notice")
    assert visit.counted("drawn") == 0


def test_won_is_no_action_of_a_report(visit: Visit) -> None:
    """That a session is won back comes with a verdict, never by itself."""
    send(visit, 1, "clear", a="won", y="notice")
    assert visit.counted("won") == 0


def test_each_counts_once_a_view(visit: Visit) -> None:
    """What is sent twice counts once."""
    control = visit.control()
    for _ in range(2):
        body = {"t": control["t"], "p": visit.page, "s": "blocked"}
        visit.post({**body, "a": "drawn", "y": "notice"})
        visit.post({**body, "a": "stayed", "y": "notice"})
        visit.post({**body, "s": "clear", "w": "s notice "})
    assert counted(visit, "notice") == (1, 1, 1)


@pytest.mark.parametrize("order", [1, -1])
def test_a_next_view_counts_once_however_it_is_told(visit: Visit, order: int) -> None:
    """A view that says in two reports that its session goes on, as no browser does, counts once."""
    body = {"t": visit.control()["t"], "p": visit.page, "s": "clear"}
    for more in [{"w": "s notice  "}, {"a": "stayed", "y": "notice"}][::order]:
        visit.post(body | more)
    assert counted(visit, "notice") == (0, 1, 1) and visit.counted("verdict", "clear") == 1


SILENT: list[tuple[dict[str, Any], object, dict[str, str]]] = [
    ({"notice_share": 0.0001}, "", {}),
    ({}, "", {"save-data": "on"}),
    ({}, PageFlags(notice="none"), {}),
    ({"notice_rules": [{"paths": ["/x"], "notice": "none"}]}, PageFlags(rules=1), {}),
]


@pytest.mark.parametrize(("options", "flags", "headers"), SILENT)
def test_views_without_a_notice_tell_of_their_session(
    make_site: MakeSite, options: dict[str, Any], flags: object, headers: dict[str, str]
) -> None:
    """A view that shows no notice knows where the session's entry is, but not where nothing may be
    kept: else sessions would seem to end that went on to a page without a notice."""
    for level, keys in (("stats", {"k"}), ("local", set())):
        site = make_site(variants=[NOTICE, HOLDOUT], level=level, **options)
        told = Visit(site, flags, **headers).control("9" * 20).keys()
        assert told & {"k", "n", "c", "m", "y", "f"} == keys
