"""Who is asked, and on which pages: what the options tell the page."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from detector.core.errors import ConfigError
from detector.core.site import Site
from tests.support.visiting import Visit


def test_as_before(site: Site) -> None:
    """By default the bootstrap has neither switch: blocked views ask, on every page."""
    assert not {"g", "j"} & Visit(site).control().keys()


def test_switches(make_site: Callable[..., Site]) -> None:
    """Each option has its switch, and only where there is a notice."""
    assert Visit(make_site(ask_partial=True)).control()["g"] == 1
    assert Visit(make_site(ask_where="ads")).control()["j"] == 1
    told = Visit(make_site(ask_where="ads", ask_partial=True, notice="none")).control()
    assert not {"g", "j"} & told.keys()


def test_where_a_rule_needs_the_path(make_site: Callable[..., Site]) -> None:
    """The requesting page's address is read for pasted tags alone; without it no path matches."""
    made = make_site(notice_rules=[{"paths": ["*"], "notice": "none"}])
    pasted = Site(made.config, made.clock, pasted=True)
    shop = "https://news.example/shop"
    assert "m" not in Visit(pasted, referer=shop).control()
    assert Visit(pasted).control()["m"] == "corner"
    assert Visit(made, referer=shop).control()["m"] == "corner"


def test_a_wrong_place(make_site: Callable[..., Site]) -> None:
    """A wrong value is refused with the option's name and the allowed ones."""
    with pytest.raises(ConfigError, match=r"DETECTOR_ASK_WHERE.*everywhere.*ads"):
        make_site(ask_where="slots")
