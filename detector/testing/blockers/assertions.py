"""What a test can expect of a page under a blocker, with messages that say what was missing."""

from __future__ import annotations

import fnmatch
import json
import time
from contextlib import ExitStack, suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Self

from detector.core.vocabulary import STATES
from detector.testing.blockers.model import Blocker, BlockerError, Options
from detector.testing.blockers.running import Running
from detector.testing.blockers.start import start
from detector.testing.browsers import BrowserMissing
from detector.testing.page_scripts import HIDDEN_NAMES, NOTICE, VERDICT

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Locator, Page, Playwright, Request


class Pool:
    """Blockers that are started once and stopped together; a browser that dies is restarted."""

    def __init__(self, playwright: Playwright, options: Options) -> None:
        self._playwright = playwright
        self.options = options
        self._stack = ExitStack()
        self._ends: dict[str, ExitStack] = {}
        self._found: dict[str, Running | BrowserMissing | BlockerError] = {}

    def get(self, name: str) -> Running:
        """Return a blocker, started at the first call; a failure is stored and raised again."""
        if name not in self._found:
            try:
                running = self._started(name)
                running.again = partial(self._again, name)
                self._found[name] = running
            except (BrowserMissing, BlockerError) as error:
                self._found[name] = error
        found = self._found[name]
        if isinstance(found, Exception):
            raise found
        return found

    def _started(self, name: str) -> Running:
        end = self._ends[name] = self._stack.enter_context(ExitStack())
        return end.enter_context(start(name, self._playwright, self.options))

    def _again(self, name: str) -> Running:
        from playwright.sync_api import Error

        with suppress(Error):  # a browser that has died cannot be closed cleanly
            self._ends[name].close()
        return self._started(name)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()


class AdBlocker:
    """The blocker that a test runs under, and what can be expected of pages under it."""

    def __init__(
        self, running: Running, patience: float = 20, options: Options | None = None
    ) -> None:
        """`options` are those that the blocker was started with: their lists explain failures."""
        self.running = running
        self._options = options or Options()
        self.patience = patience
        self._failed: dict[int, list[tuple[str, str]]] = {}
        running.watch(self._listen)

    @property
    def blocker(self) -> Blocker:
        """The blocker with its versions."""
        return self.running.blocker

    @property
    def name(self) -> str:
        """Its name, as `ublock-origin`."""
        return self.blocker.name

    @property
    def label(self) -> str:
        """One line with browser, blocker, versions and date of the lists."""
        return self.blocker.label

    def expect_state(self, page: Page, state: str | None = None) -> dict[str, Any]:
        """Wait for the detector's verdict and return it; by default for the blocker's usual state.

        `page` may also be one without a blocker.
        """
        wanted = state or self.blocker.expected_state
        return expect_state(page, wanted, self._name_for(page), self.patience)

    def expect_notice(self, page: Page, closable: bool | None = None) -> None:
        """Wait for the detector's notice; `closable` requires a close button, or none."""
        found = self._poll(page, lambda: page.evaluate(NOTICE))
        where = f"{page.url} under {self._name_for(page)}"
        if not found:
            told = page.evaluate(VERDICT, ["", 1000])
            raise AssertionError(
                f"no notice is shown on {where} after {self.patience:g} s; {_verdict_text(told)}. "
                "A notice waits for the visitor's second blocked view unless from_view=1"
            )
        if closable is not None and bool(found["close"]) is not closable:
            has = "has no" if closable else "has a"
            raise AssertionError(f"the notice on {where} {has} button to close it: {found['text']}")

    def expect_no_notice(self, page: Page) -> None:
        """Check that no notice is shown now; expect a state first, or it may be too early."""
        if found := page.evaluate(NOTICE):
            raise AssertionError(f"a notice is shown on {page.url}: {found['text']}")

    def expect_blocked(self, page: Page, url_glob: str) -> None:
        """Wait until a request of the page, since its start, that matches the glob was blocked."""

        def hit() -> bool:
            return any(
                fnmatch.fnmatchcase(url, url_glob) and self.running.is_block(why)
                for url, why in self._failed.get(id(page), [])
            )

        if not self._poll(page, hit):
            failed = self._failed.get(id(page), [])
            seen = "\n".join(f"  {url} ({why})" for url, why in failed[:20]) or "  none"
            raise AssertionError(
                f"no request like {url_glob!r} was blocked on {page.url} under {self.label}; "
                f"requests that failed:\n{seen}"
            )

    def expect_visible(self, page: Page, selector: str) -> None:
        """Wait until an element is visible."""
        from playwright.sync_api import Error

        one = page.locator(selector).first
        try:
            one.wait_for(state="visible", timeout=self.patience * 1000)
        except Error:
            there = page.locator(selector).count()
            what = "is there but hidden" if there else "is not in the page"
            why = self._why_hidden(one) if there else ""
            raise AssertionError(
                f"{selector!r} {what} on {page.url} under {self._name_for(page)}{why}"
            ) from None

    def _why_hidden(self, element: Locator) -> str:
        """Return the filter rules behind a hidden element, as far as they can be told."""
        from playwright.sync_api import Error

        from detector.testing.blockers.rules import why_hidden

        try:
            names = element.evaluate(HIDDEN_NAMES)
        except Error:  # the element is gone by now
            return ""
        return why_hidden(names, self.blocker, self._options)

    def _poll(self, page: Page, look: Any) -> Any:
        deadline = time.monotonic() + self.patience
        while not (found := look()) and time.monotonic() < deadline:
            page.wait_for_timeout(50)
        return found

    def _name_for(self, page: Page) -> str:
        mine = any(page.context is one for one in self.running.contexts)
        return self.label if mine else "no blocker"

    def _listen(self, context: BrowserContext) -> None:
        def note(request: Request) -> None:
            from playwright.sync_api import Error

            try:
                page = request.frame.page
            except Error:  # a service worker's, or of a frame that is gone
                return
            self._failed.setdefault(id(page), []).append((request.url, request.failure or ""))

        def forget(page: Page) -> None:
            self._failed.pop(id(page), None)

        context.on("requestfailed", note)
        context.on("page", forget)

    def __repr__(self) -> str:
        return f"<AdBlocker {self.label}>"


def nobody_is_accused(page: Page, patience: float = 20) -> dict[str, Any]:
    """Expect that the detector's verdict is `clear` on a page without a blocker, and return it.

    Waits up to `patience` seconds; AssertionError names the signals that were different.
    """
    return expect_state(page, "clear", "no blocker", patience)


def expect_state(page: Page, state: str, under: str, patience: float = 20) -> dict[str, Any]:
    """Wait until the detector's verdict has a state; raise with the signals that it had."""
    if state not in STATES:
        raise ValueError(f"{state!r} is not a state; there are: {', '.join(STATES)}")
    told: dict[str, Any] | None = page.evaluate(VERDICT, [state, patience * 1000])
    if told is not None and told.get("state") == state:
        return told
    raise AssertionError(
        f"{page.url} under {under}: the state should be {state!r}; {_verdict_text(told)}"
        + _missing_signals(told, state)
    )


def _verdict_text(told: dict[str, Any] | None) -> str:
    if told is None:
        return (
            "the page sent no verdict (event ads:verdict): is the detector's tag in it, and did "
            "its requests arrive? Robots get none: start with hide_automation=True"
        )
    return (
        f"the verdict is {told.get('state')!r}, kind {told.get('kind')!r}, "
        f"signals {json.dumps(told.get('signals'))}"
    )


def _missing_signals(told: dict[str, Any] | None, state: str) -> str:
    if told is None:
        return ""
    signals = told.get("signals") or {}
    wanted = {"blocked": ("requests", "elements"), "clear": ("requests", "elements")}
    says = _SAYS.get(state, state)
    missing = [name for name in wanted.get(state, ("ads",)) if signals.get(name) != says]
    return f"; missing is {says!r} from: {', '.join(missing)}" if missing else ""


_SAYS = {"unreachable": "blocked", "partial": "clear"}
"""What the page's ad requests say in a state, where it is not the same word."""
