"""uBlock Origin's big power button, pressed as a visitor presses it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from detector.testing.ublock import UUID

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

POPUP = f"moz-extension://{UUID}/popup-fenix.html"
# Firefox allows a driver to open an extension's own pages only with this switch.
ARGS = ["--remote-allow-system-access"]
NUDGE_SECONDS = 10


class PowerButton:
    """Switches the extension off and on for the site of a page; the page must be reloaded then."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._before: str | None = None

    def press(self, page: Page, *, on: bool) -> None:
        """Open the extension's popup for the tab of a page and set its button to a state."""
        with self._opened() as popup:
            tab = popup.evaluate(
                """async (url) => (await browser.tabs.query({}))
                    .find((tab) => tab.url.split("#")[0] === url)?.id""",
                page.url.partition("#")[0],
            )
            if tab is None:
                raise ValueError(f"the browser has no tab at {page.url}")
        with self._opened(f"?tabId={tab}") as popup:
            if self._before is None:
                self._before = popup.evaluate(
                    """async () => (await vAPI.messaging.send("default", { what: "getWhitelist" }))
                        .whitelist.join("\\n")"""
                )
            popup.wait_for_function("() => !document.body.classList.contains('loading')")
            if popup.evaluate("() => document.body.classList.contains('off')") is on:
                popup.locator("#switch").click()
            popup.wait_for_function(
                """async ([tabId, on]) => (await vAPI.messaging.send("popupPanel",
                    { what: "getPopupData", tabId })).netFilteringSwitch === on""",
                arg=[tab, on],
            )

    def restore(self) -> None:
        """Restore the sites that were trusted before the first press, and no others."""
        if self._before is None:
            return
        with self._opened() as popup:
            popup.evaluate(
                """(whitelist) =>
                    vAPI.messaging.send("default", { what: "setWhitelist", whitelist })""",
                self._before,
            )
        self._before = None

    def set_user_setting(self, name: str, value: bool) -> None:
        """Set one of the settings of the extension's dashboard."""
        with self._opened() as page:
            page.evaluate(
                """([name, value]) =>
                    vAPI.messaging.send("default", { what: "userSettings", name, value })""",
                [name, value],
            )

    @contextmanager
    def _opened(self, query: str = "") -> Iterator[Page]:
        context = self._browser.new_context()
        page = context.new_page()
        page.goto(POPUP + query, wait_until="commit")
        # Firefox reports an extension's document only once a command has reached it.
        _nudge(page)
        page.wait_for_function("() => Boolean(globalThis.vAPI?.messaging)")
        try:
            yield page
        finally:
            # Closing an extension's tab is never confirmed, so navigate away from it first.
            _leave(page)
            context.close()


def _leave(page: Page) -> None:
    """Navigate away; on a busy machine Playwright may report this very navigation as another one
    that interrupts it.
    """
    from playwright.sync_api import Error

    try:
        page.goto("about:blank")
    except Error as error:
        if 'interrupted by another navigation to "about:blank"' not in error.message:
            raise
        page.wait_for_url("about:blank")


def _nudge(page: Page) -> None:
    """Move the mouse over a page, which fails for a moment while the page has no window yet."""
    from playwright.sync_api import Error

    deadline = time.monotonic() + NUDGE_SECONDS
    while True:
        try:
            page.mouse.move(1, 1)
            return
        except Error:
            if time.monotonic() > deadline:
                raise
