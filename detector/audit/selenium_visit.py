"""Visits pages in a browser that Selenium drives: WebKitGTK.

It sees less than Playwright does: neither status nor requests nor the console, which then are
unknown and left empty, layout shifts only from the load event on, and no notice that is due only at
a later view. It cannot hide that it is automated either, so our detector may skip the view. Its
user agent has no suffix, and its certificates are checked unless it was started behind a test
internet.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from detector.audit.load_errors import BrowserDied, explain
from detector.audit.model import PageVisit
from detector.audit.script import TAG, asked, fill, measuring, prefix_of, reading
from detector.audit.visit_settings import QUIET, SETTLE, WINDOW, picture_path
from detector.audit.visitor import Visitor
from detector.testing.blockers.running import Running
from detector.testing.page_scripts import NOTICE, VERDICT

if TYPE_CHECKING:
    from selenium.webdriver.webkitgtk.webdriver import WebDriver

_STATE = "return [document.readyState, performance.getEntriesByType('resource').length]"
# A page that did not load leaves an empty one, with the browser's message in it.
_PLACE = "() => [document.URL, document.body ? document.body.innerText.trim() : '']"
_FORGET = "localStorage.clear(); sessionStorage.clear()"
_CALL = "const told = arguments[arguments.length - 1]; Promise.resolve((%s)(arguments[0]))"
_THEN = _CALL + ".then((found) => told([found]), (error) => told(String(error)))"
_VERDICT_SECONDS = 2.0
_NOTICE_SECONDS = 0.6
_DIALOGS = 20


class SeleniumVisitor:
    """Visits pages under one blocker; `folder` is the report's, for the pictures."""

    def __init__(
        self,
        running: Running,
        folder: Path,
        *,
        agent_suffix: str = "",
        ignore_certificate_errors: bool = False,
        patience: float = 10,
        screenshots: bool = True,
        visitor: Visitor | None = None,
        name: str = "",
    ) -> None:
        if visitor and (visitor.context or visitor.headers or visitor.before):
            raise ValueError(
                "this browser takes no log-in, device, locale, header or --before: it is driven by "
                "Selenium; name blockers in Chromium and Firefox"
            )
        if running.webdriver is None:
            raise ValueError(f"blocker {running.blocker.name!r} is not driven by Selenium")
        self._running = running
        self._name = name or running.blocker.name
        self._driver: WebDriver = running.webdriver
        self._folder = folder
        self._patience = patience
        self._screenshots = screenshots
        # A page whose scripts never end blocks this driver and all its commands.
        self._set_timeout(max(30, patience * 3))

    def visit(self, url: str) -> PageVisit:
        """Visit a page; raise `BrowserDied` if the browser is gone, else return a visit always."""
        from selenium.common.exceptions import InvalidSessionIdException, WebDriverException
        from urllib3.exceptions import HTTPError

        blocker = self._running.blocker
        visit = PageVisit(url, self._name, expected=blocker.expected_state)
        began = time.monotonic()
        try:
            self._visit(visit)
            self._forget(visit)
        except (InvalidSessionIdException, HTTPError, OSError):
            self._set_timeout(1)
            raise BrowserDied(f"the browser ended, or hangs: {blocker.label}") from None
        except WebDriverException as error:
            # It reports nothing about a browser that ends while a page loads.
            if type(error) is WebDriverException and not error.msg:
                self._set_timeout(1)
                raise BrowserDied(f"the browser ended: {blocker.label}") from None
            visit.error = _explain(error.msg or type(error).__name__)
        visit.seconds = round(time.monotonic() - began, 2)
        return visit

    def _set_timeout(self, seconds: float) -> None:
        self._driver.command_executor.client_config.timeout = seconds  # type: ignore[union-attr]

    def _visit(self, visit: PageVisit) -> None:
        from selenium.common.exceptions import TimeoutException

        self._driver.set_window_size(WINDOW["width"], WINDOW["height"])
        self._driver.set_page_load_timeout(self._patience)
        self._driver.set_script_timeout(self._patience * 2)
        try:
            self._past_dialogs(visit, lambda: self._driver.get(visit.url))
        except TimeoutException:
            # This driver answers no more commands about a page that is still loading.
            visit.error = f"was not loaded within {self._patience:g} s"
            self._open_anew()
            return
        self._call(visit, f"() => void ({measuring()})()")
        self._settle(visit)
        visit.final_url, words = self._call(visit, _PLACE)
        if visit.final_url == "about:blank":
            visit.error = (
                words or "returned no page: a download, no answer, or a certificate not trusted"
            )
            return
        self._ask(visit)
        if self._screenshots:
            path = picture_path(self._folder, visit)
            if self._driver.save_screenshot(str(path)):
                visit.picture = path.relative_to(self._folder).as_posix()
        fill(visit, self._call(visit, reading(), asked(visit.prefix)))
        if visit.shift_measure:
            visit.shift_measure += ", from the load event on"

    def _settle(self, visit: PageVisit) -> None:
        deadline = time.monotonic() + SETTLE
        last, since = None, time.monotonic()
        while time.monotonic() < deadline:
            state = self._past_dialogs(visit, lambda: self._driver.execute_script(_STATE))
            if state != last:
                last, since = state, time.monotonic()
            elif state[0] == "complete" and time.monotonic() - since >= QUIET:
                return

    def _ask(self, visit: PageVisit) -> None:
        visit.prefix = prefix_of(self._call(visit, TAG))
        if not visit.prefix:
            return
        # Mostly in vain: this browser looks like a robot, and robots get no verdict.
        seconds = min(self._patience, _VERDICT_SECONDS)
        visit.verdict = self._call(visit, VERDICT, [None, seconds * 1000])
        if visit.verdict is None:
            visit.due = False
            visit.notes.append("the detector sent no verdict: this browser shows it is automated")
            return
        deadline = time.monotonic() + _NOTICE_SECONDS
        while visit.notice is None and visit.verdict.get("state") == "blocked":
            visit.notice = self._call(visit, NOTICE)
            if time.monotonic() > deadline:
                break

    def _call(self, visit: PageVisit, script: str, given: Any = None) -> Any:
        from selenium.common.exceptions import JavascriptException

        text = _THEN % script
        found = self._past_dialogs(visit, lambda: self._driver.execute_async_script(text, given))
        if isinstance(found, str):
            raise JavascriptException(found)
        return found[0]

    def _past_dialogs(self, visit: PageVisit, ask: Callable[[], Any]) -> Any:
        """Send the browser a command, dismissing the dialogs that a page opens before it."""
        from selenium.common.exceptions import (
            NoAlertPresentException,
            UnexpectedAlertPresentException,
        )

        for _ in range(_DIALOGS):
            try:
                return ask()
            except UnexpectedAlertPresentException as error:
                with suppress(NoAlertPresentException):
                    alert = self._driver.switch_to.alert
                    visit.dialogs.append(alert.text or error.alert_text or "a dialog")
                    alert.dismiss()
        raise UnexpectedAlertPresentException("opens one dialog after another")

    def _open_anew(self) -> None:
        old = self._driver.current_window_handle
        self._driver.switch_to.new_window("tab")
        new = self._driver.current_window_handle
        self._driver.switch_to.window(old)
        self._driver.close()
        self._driver.switch_to.window(new)

    def _forget(self, visit: PageVisit) -> None:
        """Reset the browser so that the next visit is a fresh visitor's, as far as possible."""
        from selenium.common.exceptions import WebDriverException

        with suppress(WebDriverException):
            self._past_dialogs(visit, lambda: self._driver.execute_script(_FORGET))
        with suppress(WebDriverException):
            self._driver.delete_all_cookies()
        with suppress(WebDriverException):
            self._driver.get("about:blank")


def _explain(message: str) -> str:
    if "insecure certificate" in message.lower():
        return "its certificate is not trusted; in this browser no option changes that"
    if "timed out" in message.lower() or "timeout" in message.lower():
        return "keeps the browser busy, or did not answer in time"
    return explain(message)
