"""The bootstrap: what it sends to a view, and which views it counts."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest

from detector.core.site import Site
from tests.conftest import GOOGLEBOT
from tests.core.endpoints.conftest import VIEW, Visit, verdict


def test_control_answers_with_what_to_look_with(visit: Visit) -> None:
    """The bootstrap echoes the view id, holds token, baits and elements, and is never stored."""
    response = visit.get(visit.script[:-2] + "json", f"v={VIEW}&p={visit.page}")
    assert ("Cache-Control", "private, no-store") in response.headers
    data = json.loads(response.body)
    assert data["v"] == VIEW
    assert visit.site.tokens.read_view(data["t"]) == VIEW
    assert len(data["b"]) == 6
    assert len(data["e"]) == 5
    assert {"n", "c", "k"} <= data.keys()


def test_control_without_notice(make_site: Callable[..., Site]) -> None:
    """With mode none there is no notice to load."""
    assert not {"n", "c", "k"} & Visit(make_site(notice="none")).control().keys()


@pytest.mark.parametrize("view", ["", "x", "aaaaaaaaaaaaaaaaaaaa", "01234567890123456789%22"])
def test_control_wants_a_view_id(visit: Visit, view: str) -> None:
    """A value that is not a view id is not echoed."""
    assert visit.get(visit.script[:-2] + "json", f"v={view}").status == 404


def test_control_with_too_many_fields(visit: Visit) -> None:
    """A query with too many fields is refused without an error of the detector."""
    answer = visit.get(visit.script[:-2] + "json", "&".join(["v=1"] * 20))
    assert answer.status == 404


def test_views_are_counted_once(visit: Visit) -> None:
    """Each view id counts one view; a second look counts none."""
    visit.control()
    visit.control()
    visit.control("98765432109876543210", "&a=1")
    assert visit.counted("view") == 1
    assert visit.counted("view", dimension="group", value="/article/*") == 1


def test_forged_page_token_counts_for_no_group(visit: Visit) -> None:
    """A request with a foreign page token still gets baits, but counts for no group."""
    visit.page = "/evil.signature"
    assert visit.control()["b"]
    assert visit.counted("view", dimension="group", value="other") == 1


@pytest.mark.parametrize("agent", [GOOGLEBOT, ""])
def test_robots_are_not_counted(site: Site, agent: str) -> None:
    """A robot gets only its view id back."""
    visit = Visit(site, **{"user-agent": agent})
    assert visit.control() == {"v": VIEW}
    assert visit.counted("view") == 0


def test_automated_browser_is_a_robot(visit: Visit) -> None:
    """A browser that reports automation counts as a robot."""
    assert visit.control(more="&w=true") == {"v": VIEW}


def test_share_of_views(make_site: Callable[..., Site]) -> None:
    """With a sample share, only views whose random id falls into it are probed and counted."""
    visit = Visit(make_site(share=0.25))
    looked = [n for n in range(0, 10_000, 100) if "b" in visit.control(f"{n:020}")]
    assert looked == list(range(0, 2_500, 100))
    assert visit.counted("view") == 25


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
    again = Visit(make_site(share=0.25)).control("98765432109876549999", "&a=1")
    assert len(again["b"]) == 6
    assert not {"n", "c", "k"} & again.keys()
