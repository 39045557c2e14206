"""Tabs of Playwright's browsers and of WebKitGTK, alike."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Page
    from selenium.webdriver.webkitgtk.webdriver import WebDriver


class PlaywrightTab:
    """A page of Playwright; `ending` forgets its visitor."""

    def __init__(self, page: Page, ending: Callable[[], object]) -> None:
        self.page = page
        self._ending = ending

    def goto(self, url: str) -> None:
        """Go to a page; what it loads is not waited for."""
        self.page.goto(url, wait_until="commit", timeout=30_000)

    def run(self, function: str, argument: Any = None) -> Any:
        """Run a function in the page."""
        return self.page.evaluate(function, argument)

    def picture(self) -> bytes:
        """Take a screenshot; an ad that is still awaited must not hold it up for long."""
        return self.page.screenshot(type="jpeg", quality=60, timeout=5_000)

    def close(self) -> None:
        """Close the tab."""
        from playwright.sync_api import Error

        # A page that still loads something may refuse to close in time; its browser ends anyway.
        with contextlib.suppress(Error):
            self._ending()


class WebKitTab:
    """The only tab of a WebKitGTK browser."""

    page: Any = None

    def __init__(self, driver: WebDriver) -> None:
        self._driver = driver

    def goto(self, url: str) -> None:
        """Go to a page."""
        self._driver.get(url)

    def run(self, function: str, argument: Any = None) -> Any:
        """Run a function in the page."""
        code = f"const told = arguments[1]; Promise.resolve(({function})(arguments[0])).then(told);"
        return self._driver.execute_async_script(code, argument)

    def picture(self) -> bytes:
        """Take a screenshot."""
        return self._driver.get_screenshot_as_png()

    def close(self) -> None:
        """Leave the page."""
        self._driver.get("about:blank")
