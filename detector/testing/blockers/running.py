"""A started blocker, as tests and reports use it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from detector.testing.blockers.model import Blocker

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, BrowserType, Page
    from selenium.webdriver.webkitgtk.webdriver import WebDriver

    from detector.testing.power_button import PowerButton

# The failure texts of requests that were stopped on purpose.
BLOCKED = ("ERR_BLOCKED_BY_CLIENT", "NS_ERROR_ABORT", "NS_ERROR_TRACKING_URI", "NS_ERROR_BLOCKED")
NO_ROBOT = "Object.defineProperty(Navigator.prototype, 'webdriver', { get: () => false });"


class Running:
    """A started blocker; every page is the first page of a fresh visitor.

    pytest-playwright accepts it as a browser.
    """

    def __init__(
        self,
        blocker: Blocker,
        *,
        browser: Browser | None = None,
        webdriver: WebDriver | None = None,
        defaults: dict[str, Any] | None = None,
        prepare: Sequence[Callable[[BrowserContext], object]] = (),
        failures: Sequence[str] = (),
        power: PowerButton | None = None,
    ) -> None:
        self.blocker = blocker
        self.browser = browser
        self.webdriver = webdriver
        self._defaults = defaults or {}
        self._prepare = list(prepare)
        self._failures = (*BLOCKED, *failures)
        self._power = power
        # Restarts the blocker if its browser has exited.
        self.again: Callable[[], Running] | None = None

    @property
    def alive(self) -> bool:
        """Whether its browser is still running."""
        return self.browser is None or self.browser.is_connected()

    @property
    def version(self) -> str:
        """The browser's version."""
        return self.blocker.browser_version or ""

    @property
    def browser_type(self) -> BrowserType:
        """Playwright's type of this browser."""
        return self._browser().browser_type

    @property
    def contexts(self) -> list[BrowserContext]:
        """The open visitors."""
        return self._browser().contexts

    def new_context(self, **options: Any) -> BrowserContext:
        """Open a fresh visitor; options as for Playwright's `new_context`."""
        if not self.alive:
            self._revive()
        context = self._open({**self._defaults, **options})
        for prepare in self._prepare:
            prepare(context)
        return context

    def watch(self, prepare: Callable[[BrowserContext], object]) -> None:
        """Call a function with each visitor that is opened from now on."""
        self._prepare.append(prepare)

    def new_page(self, **options: Any) -> Page:
        """Open a page of a fresh visitor; closing its context closes both."""
        return self.new_context(**options).new_page()

    def is_block(self, failure: str | None) -> bool:
        """Whether the text of a failed request (`request.failure`) is that of a block.

        Firefox reports the same for a request that the page aborted itself.
        """
        return any(text in (failure or "") for text in self._failures)

    def allow_site(self, page: Page) -> None:
        """Switch the blocker off for the host of a page; reload the page for it to take effect."""
        self._button().press(page, on=False)

    def disallow_site(self, page: Page) -> None:
        """Switch the blocker on again for a page's host; reload the page for it to take effect."""
        self._button().press(page, on=True)

    def restore_sites(self) -> None:
        """Undo every `allow_site`."""
        if self._power is not None:
            self._power.restore()

    def _revive(self) -> None:
        if self.again is not None:
            fresh = self.again()
            self.blocker, self.browser = fresh.blocker, fresh.browser
            self._power = fresh._power

    def _open(self, options: dict[str, Any]) -> BrowserContext:
        return self._browser().new_context(**options)

    def _browser(self) -> Browser:
        if self.browser is None:
            raise ValueError(
                f"blocker {self.blocker.name!r} runs under Selenium: use its .webdriver, "
                "there are no Playwright pages"
            )
        return self.browser

    def _button(self) -> PowerButton:
        if self._power is None:
            raise ValueError(f"blocker {self.blocker.name!r} has no button to switch it off")
        return self._power
