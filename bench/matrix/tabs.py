"""Tabs of Playwright's browsers and of WebKitGTK, with one interface."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Page
    from selenium.webdriver.webkitgtk.webdriver import WebDriver

# Longer than any script here takes.
ANSWER_SECONDS = 60
# Starts a function once, and returns its final result.
RUN = """const told = document.told ||= {}, number = arguments[1];
if (!(number in told)) {
  told[number] = null;
  Promise.resolve((FUNCTION)(arguments[0])).then((value) => told[number] = [value]);
}
return told[number];"""


class PlaywrightTab:
    """A page of Playwright; `ending` deletes its visitor's data."""

    def __init__(self, page: Page, ending: Callable[[], object]) -> None:
        self.page = page
        self._ending = ending

    def goto(self, url: str) -> None:
        """Go to a page; what it loads is not waited for.

        In Firefox a late event of the previous page may count as another navigation, hence the
        retries (github.com/microsoft/playwright/issues/41216).
        """
        from playwright.sync_api import Error

        for further in (True, True, False):
            try:
                self.page.goto(url, wait_until="commit", timeout=30_000)
                return
            except Error as error:
                if not further or f'interrupted by another navigation to "{url}"' not in str(error):
                    raise

    def run(self, function: str, argument: Any = None) -> Any:
        """Run a function in the page."""
        return self.page.evaluate(function, argument)

    def picture(self) -> bytes:
        """Capture a screenshot; an ad that is still loading must not delay it for long."""
        return self.page.screenshot(type="jpeg", quality=60, timeout=5_000)

    def close(self) -> None:
        """Close the tab."""
        from playwright.sync_api import Error

        # A page that is still loading may not close in time; its browser ends anyway.
        with contextlib.suppress(Error):
            self._ending()


class WebKitTab:
    """The only tab of a WebKitGTK browser, whose driver waits for no page."""

    page: Any = None

    def __init__(self, driver: WebDriver) -> None:
        self._driver = driver
        self._runs = 0

    def goto(self, url: str) -> None:
        """Go to a page; what it loads is not waited for."""
        self._look("return document.left = true")
        self._driver.get(url)
        self._look("return !document.left && location.href === arguments[0]", url)

    def run(self, function: str, argument: Any = None) -> Any:
        """Run a function in the page."""
        self._runs += 1
        return self._look(RUN.replace("FUNCTION", function), argument, self._runs)[0]

    def _look(self, script: str, *arguments: Any) -> Any:
        """Run a script repeatedly until it returns something; return that."""
        from selenium.common.exceptions import NoSuchFrameException
        from selenium.webdriver.support.wait import WebDriverWait

        # While the previous page is unloaded, scripts of this page may lose their result.
        lost = [NoSuchFrameException]
        wait = WebDriverWait(self._driver, ANSWER_SECONDS, 0.02, ignored_exceptions=lost)
        return wait.until(lambda driver: driver.execute_script(script, *arguments))

    def picture(self) -> bytes:
        """Capture a screenshot."""
        return self._driver.get_screenshot_as_png()

    def close(self) -> None:
        """Leave the page and delete its visitor's data."""
        self._driver.delete_all_cookies()
        self.goto("about:blank")
