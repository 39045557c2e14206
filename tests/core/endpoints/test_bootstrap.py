"""The bootstrap: what it sends to a view, and which views it counts."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest

from detector.core.assets import script
from detector.core.baits.probe_settings import PAUSES, STYLES
from detector.core.baits.site_baits import image_width
from detector.core.html.page_flags import PageFlags
from detector.core.site import Site
from tests.conftest import GOOGLEBOT
from tests.core.endpoints.conftest import VIEW, Visit, verdict


def test_control_answers_with_what_to_look_with(visit: Visit) -> None:
    """The bootstrap echoes the view id, holds token, baits and elements, and is never stored."""
    response = visit.get(visit.script[:-2] + "json", f"v={VIEW}&p={visit.page}")
    assert response.headers == [
        ("Content-Type", "application/json"),
        ("Content-Length", str(len(response.body))),
        ("Cache-Control", "private, no-store"),
        ("X-Content-Type-Options", "nosniff"),
    ]
    data = json.loads(response.body)
    assert response.body == json.dumps(data, separators=(",", ":")).encode()
    assert data["v"] == VIEW
    assert visit.site.tokens.read_view(data["t"]) == VIEW
    assert len(data["b"]) == 6
    assert len(data["e"]) == 5
    assert {"n", "c", "k"} <= data.keys()


def test_a_view_probes_with_the_baits_of_its_day(make_site: Callable[..., Site]) -> None:
    """The bootstrap has the day's baits, the page's slots and where everything else is."""
    visit = Visit(make_site(slots=".ad, #top"))
    site, told = visit.site, visit.control()
    choice = site.baits[site.names.prefix].choose(int(site.clock() // 86_400))
    kinds = ("script", "image", "fetch")
    assert told["b"] == [
        [kinds.index(bait.type), bait.number, bait.url, control.url]
        for bait, control in choice.requests
    ]
    assert (told["q"], told["e"]) == (choice.asked.url, [choice.plain, *choice.elements])
    assert (told["i"], told["l"], told["s"]) == (list(STYLES), list(PAUSES), ".ad, #top")
    assert re.fullmatch("[a-z]{8}", told["x"]) and told["w"] == image_width(told["x"])
    assert told["r"] == site.names.report
    assert visit.get(told["a"]).body == script("followup").body


def test_control_without_notice(make_site: Callable[..., Site]) -> None:
    """With mode none there is no notice to load."""
    assert not {"n", "c", "k"} & Visit(make_site(notice="none")).control().keys()


@pytest.mark.parametrize("view", ["", "x", "aaaaaaaaaaaaaaaaaaaa", "01234567890123456789%22"])
def test_control_wants_a_view_id(visit: Visit, view: str) -> None:
    """A value that is not a view id is not echoed, and neither is none."""
    for query in (f"v={view}", ""):
        found = visit.get(visit.script[:-2] + "json", query)
        assert (found.status, found.body) == (404, b"no such file")


def test_control_with_too_many_fields(visit: Visit) -> None:
    """A query with more than eight fields is refused without an error of the detector."""
    assert "b" in visit.control(more="&x=1" * 6)
    answer = visit.get(visit.script[:-2] + "json", f"v={VIEW}&p={visit.page}" + "&x=1" * 7)
    assert (answer.status, answer.body) == (404, b"no such file")


def test_views_are_counted_once(visit: Visit) -> None:
    """Each view id counts one view; a second look counts none."""
    visit.control()
    visit.control()
    visit.control("98765432109876543210", "&a=1")
    assert visit.counted("view") == 1
    known = {"group": "/article/*", "browser": "firefox", "device": "desktop"}
    assert [visit.counted("view", "", *each) for each in known.items()] == [1, 1, 1]
    assert {key[5] for key in visit.site.counters.snapshot()} == {"view"}


def test_a_view_belongs_to_its_client(visit: Visit) -> None:
    """A flood pushes out its own views only, so each view knows its client where there is one."""
    for remote, belongs in (("", False), ("9.8.7.6", True)):
        visit.remote = remote
        visit.control(view := f"{len(remote):020}")
        assert bool(visit.site.recent_views._views[view] % 2**20) is belongs


def test_forged_page_token_counts_for_no_group(visit: Visit) -> None:
    """A request with a foreign page token still gets baits, but counts for no group."""
    visit.page = "/evil.signature"
    assert visit.control()["b"]
    assert visit.counted("view", dimension="group", value="other") == 1
    assert visit.get(visit.script[:-2] + "json", "v=" + "9" * 20).status == 200
    assert visit.counted("view", dimension="group", value="other") == 2


@pytest.mark.parametrize("agent", [GOOGLEBOT, ""])
def test_robots_are_not_counted(site: Site, agent: str) -> None:
    """A robot gets only its view id back."""
    visit = Visit(site, **{"user-agent": agent})
    assert visit.control() == {"v": VIEW}
    assert visit.counted("view") == 0
    assert passed(visit, "bot") == 1


def passed(visit: Visit, reason: str) -> int:
    """Return how many views were not probed for a reason, all of them of the same group."""
    found = visit.counted("passed", dimension="reason", value=reason)
    assert visit.counted("passed", dimension="group", value="/article/*") == found
    return found


def test_automated_browser_is_a_robot(visit: Visit) -> None:
    """A browser that reports automation counts as a robot."""
    assert visit.control(more="&w=true") == {"v": VIEW}
    assert passed(visit, "bot") == 1
    assert "b" in visit.control(more="&w=false")


@pytest.mark.parametrize(
    ("flags", "more"), [("", ""), (PageFlags(ad_free=True), ""), ("", "&w=true"), ("", "&a=1")]
)
def test_pasted_tags_are_switched_off(
    make_site: Callable[..., Site], flags: object, more: str
) -> None:
    """A page with a tag by hand, which stays there, is neither probed nor counted while off."""
    made = make_site()
    visit = Visit(Site(made.config, made.clock, pasted=True), flags)
    visit.site.pause()
    assert visit.control(more=more) == {"v": VIEW}
    assert visit.site.counters.snapshot() == {}


def test_share_of_views(make_site: Callable[..., Site]) -> None:
    """With a sample share, only views whose random id falls into it are probed and counted."""
    visit = Visit(make_site(share=0.25))
    looked = [n for n in range(0, 10_000, 100) if "b" in visit.control(f"{'9' * 16}{n:04}")]
    assert looked == list(range(0, 2_500, 100))
    assert (visit.counted("view"), passed(visit, "share")) == (25, 75)


def test_qa_switch(make_site: Callable[..., Site]) -> None:
    """With the QA switch, robots are treated as people."""
    visit = Visit(make_site(treat_bots_as_people=True), **{"user-agent": GOOGLEBOT})
    control = visit.control(more="&w=true")
    visit.post(verdict(visit, control))
    assert (visit.counted("view"), visit.counted("verdict", "clear")) == (1, 1)


def test_named_ad_hosts(make_site: Callable[..., Site]) -> None:
    """The owner's ad URLs are sent to the script, and their hosts count as ad hosts."""
    plain = Visit(make_site()).control()
    assert "u" not in plain
    named = Visit(make_site(probe_urls=["https://cdn.ads.example/lib.js"])).control()
    assert named["u"] == ["no-cors", "https://cdn.ads.example/lib.js"]
    assert re.search(named["h"], ".cdn.ads.example")
    assert not re.search(plain["h"], ".cdn.ads.example")


def test_another_look_shows_nothing(make_site: Callable[..., Site]) -> None:
    """A second look at the same view is independent of the share, and counts nothing."""
    visit = Visit(make_site(share=0.25))
    again = visit.control("98765432109876549999", "&a=1")
    choice = visit.site.baits[visit.site.names.prefix].choose(
        int(visit.site.clock() // 86_400), True
    )
    assert [url for _, _, url, _ in again["b"]] == [bait.url for bait, _ in choice.requests]
    assert not {"n", "c", "k"} & again.keys()
    assert visit.site.counters.snapshot() == {}
