"""Browsers with and without a real ad blocker, each started by its name."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from detector.qa import ublock
from detector.qa.browsers import launch_chromium, launch_firefox
from detector.qa.internet import Internet
from detector.qa.messages import Answer, Request
from detector.qa.power import ARGS, PowerButton

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page, Playwright

READY_HOST = "ready.example"
READY_SECONDS = 60
READY_PAGE = '<!doctype html><title>Ready?</title><div class="adSlot">Is this hidden?</div>'
# Both ways of a blocker, and a twin that no list acts on: an answer only when all three are clear.
READY_CHECK = """async () => {
  const asks = (path) => fetch(path, { cache: "no-store" }).then((r) => r.ok, () => false);
  const hidden = getComputedStyle(document.querySelector(".adSlot")).display === "none";
  const [bait, control] = [await asks("/x/site-728x90.png"), await asks("/x/site-731x93.png")];
  return control && !bait && hidden;
}"""


@dataclass(frozen=True)
class Profile:
    """A browser with its blocker; `version` and `list_date` are the blocker's, None without one.

    `real` says whether the blocker is the thing that visitors have, and not a stand-in.
    """

    name: str
    engine: str
    blocker: str | None = None
    real: bool = True
    version: str | None = None
    list_date: str | None = None
    browser_version: str | None = None

    @property
    def label(self) -> str:
        """One line for reports: browser and blocker with their versions."""
        browser = f"{self.engine} {self.browser_version or ''}".strip()
        if self.blocker is None:
            return browser
        version = f" {self.version}" if self.version else ""
        kind = "real" if self.real else "stand-in"
        lists = f", lists of {self.list_date}" if self.list_date else ""
        return f"{browser} + {self.blocker}{version} ({kind}{lists})"


PROFILES = {
    profile.name: profile
    for profile in (
        Profile("none-chromium", "Chromium"),
        Profile("none-firefox", "Firefox"),
        Profile("ublock-origin", "Firefox", "uBlock Origin"),
        Profile("none-webkit", "WebKitGTK"),
        Profile("content-blocker", "WebKitGTK", "content rules from EasyList", real=False),
    )
}
UBLOCK_PREFS: dict[str, str | float | bool] = {
    # Without these three Firefox leaves extensions of the system switched off.
    "extensions.enabledScopes": 15,
    "extensions.autoDisableScopes": 0,
    "extensions.startupScanScopes": 15,
    "extensions.webextensions.uuids": json.dumps({ublock.ID: ublock.UUID}),
}
PLAYWRIGHT_PROFILES = ("none-chromium", "none-firefox", "ublock-origin")


class Running:
    """A started profile; every page is the first page of a fresh visitor."""

    def __init__(
        self, profile: Profile, browser: Browser, power: PowerButton | None = None
    ) -> None:
        self.profile = profile
        self.browser = browser
        self._power = power

    def new_context(self, **options: Any) -> BrowserContext:
        """Open a fresh visitor; options as for Playwright's `new_context`."""
        return self.browser.new_context(**{"ignore_https_errors": True, **options})

    def new_page(self, **options: Any) -> Page:
        """Open a page of a fresh visitor; closing its context closes both."""
        return self.new_context(**options).new_page()

    def allow_site(self, page: Page) -> None:
        """Switch the blocker off for the host of a page; load the page anew to see it act."""
        self._button().press(page, on=False)

    def disallow_site(self, page: Page) -> None:
        """Switch the blocker on again for the host of a page; load the page anew to see it act."""
        self._button().press(page, on=True)

    def restore_sites(self) -> None:
        """Take back every `allow_site`."""
        if self._power is not None:
            self._power.restore()

    def _button(self) -> PowerButton:
        if self._power is None:
            raise ValueError(f"profile {self.profile.name!r} has no blocker to switch")
        return self._power


@contextmanager
def start(name: str, net: Internet, playwright: Playwright | None = None) -> Iterator[Running]:
    """Start a profile behind the test internet and end it with the block.

    Pass `playwright` where one is running already (pytest-playwright's fixture): a second one in
    the same thread fails.
    """
    if name not in PLAYWRIGHT_PROFILES:
        known = ", ".join(PLAYWRIGHT_PROFILES)
        raise ValueError(f"no profile {name!r} to start here; there are: {known}")
    with ExitStack() as stack:
        if playwright is None:
            from playwright.sync_api import sync_playwright

            playwright = stack.enter_context(sync_playwright())
        package = None
        if name == "none-chromium":
            launched = launch_chromium(playwright, net)
        elif name == "none-firefox":
            launched = launch_firefox(playwright, net)
        else:
            package = ublock.Package.required()
            package.serve_updates(net)
            launched = launch_firefox(playwright, net, prefs=UBLOCK_PREFS, args=ARGS)
        browser = stack.enter_context(launched)
        profile = replace(PROFILES[name], browser_version=browser.version)
        if package is not None:
            profile = replace(profile, version=package.version, list_date=package.list_date)
        power = PowerButton(browser) if profile.blocker else None
        running = Running(profile, browser, power)
        if profile.blocker:
            wait_until_blocking(running, net)
        yield running


def wait_until_blocking(running: Running, net: Internet) -> None:
    """Return once the blocker acts on requests and on elements; it loads its lists at leisure."""
    net.answer(READY_HOST, ready_answer)
    page = running.new_page()
    try:
        deadline = time.monotonic() + READY_SECONDS
        while True:
            page.goto(f"https://{READY_HOST}/")
            if page.evaluate(READY_CHECK):
                return
            if time.monotonic() > deadline:
                raise TimeoutError(
                    f"{running.profile.label} blocked nothing within {READY_SECONDS} s of its "
                    "start; is the extension active?"
                )
    finally:
        page.context.close()


def ready_answer(request: Request) -> Answer:
    """Answer as the site that tells whether a blocker acts."""
    if request.path == "/":
        return Answer(READY_PAGE, "text/html; charset=utf-8")
    return Answer(status=200, type=None)
