"""The demo and the notice: in view, not cut off, with contrast; pictures are saved.

Pictures are saved to .cache/looks. Contrast is that of WCAG 2.2, 1.4.3: 4.5 to 1 for text.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from detector.core.notice.payload import payload
from detector.testing.fixtures import OpenPage
from detector.testing.internet import Internet
from e2e.support.measuring import measure, no_sideways_scroll
from e2e.support.newspaper import URL, newspaper, refuse_baits, verdict_of
from tests.support.root import ROOT

OUT = ROOT / ".cache" / "looks"
SIZES = {"desktop": (1280, 800), "phone": (390, 844), "narrow": (320, 568)}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("mode", ["corner", "modal"])
def test_notice_looks(
    open_page: OpenPage, net: Internet, tmp_path: Path, mode: str, size: str, scheme: str
) -> None:
    """The notice is in view, uncut, readable, and covers only its part.

    Light with the real uBlock Origin. Dark in Chromium with the baits' requests blocked: the stock
    Firefox ignores Playwright's colour scheme.
    """
    paper = newspaper(net, tmp_path, notice=mode)
    width, height = SIZES[size]
    page = open_page(
        "ublock-origin" if scheme == "light" else "none",
        viewport={"width": width, "height": height},
        color_scheme=scheme,
    )
    if scheme == "dark":
        refuse_baits(page, paper)
    page.goto(f"{URL}?dir=rtl&lang=ar" if size == "narrow" else URL)
    card = page.locator(".card")
    expect(card).to_be_in_viewport(ratio=1)
    # The narrow page is an Arabic one, and so is the notice on it.
    how = payload(mode, "ar" if size == "narrow" else "en")["text"]["how"]
    page.get_by_role("button", name=how).click(trial=True)
    found = measure(page, ".card")
    assert found["contrast"] >= 4.5, found
    assert found["cut"] == []
    no_sideways_scroll(page)
    box = card.bounding_box()
    assert box is not None
    if mode == "corner":
        assert box["height"] <= 0.3 * height
    OUT.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=OUT / f"notice-{mode}-{size}-{scheme}.png")


@pytest.mark.parametrize("size", ["desktop", "narrow"])
@pytest.mark.parametrize("locale", ["de", "el", "ar", "ja"])
def test_languages_look(
    open_page: OpenPage, net: Internet, tmp_path: Path, locale: str, size: str
) -> None:
    """A notice in the page's language is complete and in its direction, with its steps.

    German is long, Greek longest, Arabic is right-to-left, Japanese has no spaces.
    """
    paper = newspaper(net, tmp_path)
    width, height = SIZES[size]
    page = open_page("none", viewport={"width": width, "height": height}, locale="en-US")
    refuse_baits(page, paper)
    wanted = payload("corner", locale)
    page.goto(f"{URL}?lang={locale}&dir={wanted['dir']}")
    card = page.locator(".card")
    expect(card).to_be_in_viewport(ratio=1)
    expect(card).to_have_attribute("lang", locale)
    expect(card).to_have_css("direction", wanted["dir"])
    # Pictures are taken after the animation.
    card.evaluate("(it) => Promise.all(it.getAnimations().map((a) => a.finished))")
    expect(card.get_by_role("heading")).to_have_text(wanted["text"]["title"])
    OUT.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=OUT / f"language-{locale}-{size}.png")
    if width > 400:
        later = card.get_by_role("button", name=wanted["text"]["later"], exact=True)
        expect(later).to_have_attribute("title", wanted["text"]["quiet"][0])
    card.get_by_role("button", name=wanted["text"]["how"]).click()
    expect(card).to_be_in_viewport(ratio=1)
    page.screenshot(path=OUT / f"language-{locale}-{size}-steps.png")
    found = measure(page, ".card")
    assert found["cut"] == []
    assert found["contrast"] >= 4.5, found
    no_sideways_scroll(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_demo_looks(
    open_page: OpenPage, net: Internet, tmp_path: Path, size: str, scheme: str
) -> None:
    """Without a blocker the newspaper shows its ads and no notice, and is readable."""
    newspaper(net, tmp_path)
    width, height = SIZES[size]
    page = open_page("none", viewport={"width": width, "height": height}, color_scheme=scheme)
    page.goto(URL)
    assert verdict_of(page)["state"] == "clear"
    expect(page.locator(".card")).to_have_count(0)
    found = measure(page, "main")
    assert found["contrast"] >= 4.5, found
    no_sideways_scroll(page)
    OUT.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=OUT / f"demo-{size}-{scheme}.png")
