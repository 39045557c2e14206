"""The gallery of `detector notice preview` in a browser: the notice in any mode on one page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from detector.core.config.options import Config
from detector.notice_preview.app import Gallery
from detector.notice_preview.cases import PLACES, WIDTHS, Case
from detector.testing.fixtures import OpenPage
from detector.testing.internet import Internet

HOST = "gallery.example"
LINKS = {"subscribe": "/subscribe", "donate": "/donate"}
RESTED = "(it) => Promise.all(it.getAnimations({ subtree: true }).map((one) => one.finished))"


class Stage:
    """One page on which the notice is shown again and again."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.card = page.locator(".card")

    def show(
        self,
        mode: str = "corner",
        *,
        theme: str = "light",
        way: str = "ltr",
        width: str = "desktop",
        place: str = "",
        language: str = "",
        size: tuple[int, int] | None = None,
        opened: bool = False,
    ) -> Locator:
        """Load the sample page with one notice; return its card, after the animation."""
        wide, high = size or WIDTHS[width]
        self.page.set_viewport_size({"width": wide, "height": high})
        if not place and mode in ("slot", "away"):
            place = PLACES[width][-1]
        case = Case(mode, theme, way, width, place)
        spoken = language or {"ltr": "en", "rtl": "he"}[way]
        self.page.goto(f"https://{HOST}{case.url(spoken)}")
        expect(self.card).to_be_visible()
        self.card.evaluate(RESTED)
        if opened:
            self.open()
        return self.card

    def open(self) -> None:
        """Open the steps."""
        self.button("strong").click()
        expect(self.card.locator(".steps")).to_be_visible()

    def button(self, name: str) -> Locator:
        """Return a visible control by its part: strong, plain, quiet, close, way."""
        return self.card.locator(f".{name}:visible").first

    def tab_to(self, name: str) -> None:
        """Press Tab until a control has the focus."""
        for _ in range(40):
            if name == self.focused():
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"Tab never reaches {name}")

    def said(self) -> list[str]:
        """Return the events that the notice has sent to the page."""
        said: str = self.page.evaluate("() => document.documentElement.dataset.said || ''")
        return said.split()

    def focused(self) -> str:
        """Return the class, else the tag, of the focused element, also inside the notice."""
        found: str = self.page.evaluate(
            "() => { let at = document.activeElement; "
            "while (at.shadowRoot?.activeElement) at = at.shadowRoot.activeElement; "
            "return at.className.replace('button ', '') || at.localName; }"
        )
        return found


SetStage = Callable[..., Stage]


@pytest.fixture
def set_stage(net: Internet, open_page: OpenPage) -> SetStage:
    """Return a function that opens the gallery in a browser, with options of the detector."""

    def build(browser: str = "none", /, **options: Any) -> Stage:
        # Without the animation there is nothing to wait for.
        still = {"reduced_motion": "reduce"} if browser == "none" else {}
        context = still | options.pop("context", {})
        net.site(HOST, Gallery(Config(secret="the secret of a gallery", **options)))
        return Stage(open_page(browser, **context))

    return build


@pytest.fixture
def stage(set_stage: SetStage) -> Stage:
    """Return the gallery in Chromium."""
    return set_stage(unreachable_notice=True)
