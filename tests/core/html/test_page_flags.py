"""What a page says of itself behind its token survives the way through the page and caches."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from detector.core import tagger
from detector.core.html import page_flags
from detector.core.html.page_flags import PageFlags, split
from detector.core.site import Site
from detector.core.vocabulary import MODES
from tests.support.visiting import Visit

NUMBERED = (
    *("slot", "corner", "bottom-bar", "top-bar", "modal"),
    *("soft-wall", "hard-wall", "redirect", "custom", "none"),
)
"""The modes as pages in caches name them by number."""


def test_modes_keep_their_numbers() -> None:
    """Cached pages name a mode by its place in MODES: add a new one at the end, never between."""
    assert MODES[: len(NUMBERED)] == NUMBERED, "add new modes at the end of MODES"
    for number, mode in enumerate(NUMBERED):
        assert str(PageFlags(mode)) == f"~n{number}"


@pytest.mark.parametrize("rules", [None, 0, 0xFFFFFFFF])
@pytest.mark.parametrize("local", [False, True])
@pytest.mark.parametrize("ad_free", [False, True])
@pytest.mark.parametrize("unseen", [(False, False), (True, False), (False, True), (True, True)])
def test_every_modes_flags_survive(
    monkeypatch: pytest.MonkeyPatch,
    rules: int | None,
    local: bool,
    ad_free: bool,
    unseen: tuple[bool, bool],
) -> None:
    """Each mode, an eleventh and a hundredth too, is read back with the flags beside it."""
    many = (*MODES, *(f"mode-{number}" for number in range(len(MODES), 101)))
    monkeypatch.setattr(page_flags, "MODES", many)
    for mode in ("", *many):
        flags = PageFlags(mode, rules, local, ad_free, *unseen)
        assert split(f"group.signature{flags}") == ("group.signature", flags)


@pytest.mark.parametrize("number", [len(MODES), 99, 999])
def test_an_unknown_mode_leaves_the_other_flags(number: int) -> None:
    """A page of a newer version keeps its rules, and above all that nothing may be counted."""
    assert split(f"a.b~n{number}r5l") == ("a.b", PageFlags("", 5, True))


@pytest.mark.parametrize("local", [False, True])
def test_an_eleventh_mode_comes_through_tag_and_control(
    make_site: Callable[..., Site], monkeypatch: pytest.MonkeyPatch, local: bool
) -> None:
    """The control tells a new mode to its page, and counts nothing of it where the page says so."""
    many = (*MODES, "ribbon")
    monkeypatch.setattr(page_flags, "MODES", many)
    monkeypatch.setattr(tagger, "MODES", many)
    site = make_site()
    flags = flags_in(site.tagger.tag(notice="ribbon"))
    assert flags == PageFlags("ribbon")
    visit = Visit(site, flags._replace(local=local))
    told = visit.control()
    assert told["m"] == "ribbon"
    assert ("r" in told) is not local
    assert visit.counted("view") == (0 if local else 1)


def flags_in(tag: bytes) -> PageFlags:
    """Return the flags that a tag carries."""
    found = re.search(r' async data-\w+="([^"]+)"', tag.decode())
    assert found is not None
    return split(found[1])[1]
