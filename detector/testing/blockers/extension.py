"""Starts Chromium with a Manifest V3 extension."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from detector.testing.blockers.added import archive
from detector.testing.blockers.chromium import defaults, launched
from detector.testing.blockers.model import Blocker, BlockerError, Options
from detector.testing.blockers.readiness_probe import wait_until_any
from detector.testing.blockers.running import Running
from detector.testing.blockers.unpacked import Manifest, given_path, unpacked

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Playwright, Worker

_INFO = """async (id) => {
  const one = await chrome.developerPrivate.getExtensionInfo(id);
  const errors = one.manifestErrors.map((error) => error.message);
  return { name: one.name, version: one.version, state: one.state, errors };
}"""


class WithExtension(Running):
    """An extension is active in the context its browser was started with, and in no other.

    So a fresh visitor is that context emptied, or the browser restarted when other options are
    requested; two visitors at a time are not possible.
    """

    def __init__(
        self, blocker: Blocker, playwright: Playwright, options: Options, folder: Path, named: str
    ) -> None:
        """`named` is how the user named it, for errors."""
        super().__init__(blocker, defaults=defaults(options))
        self._named = named
        self._playwright = playwright
        self._how = options
        self._folder = folder
        self._id = ""
        self._context: BrowserContext | None = None
        self._options: dict[str, Any] = {}
        self._profile: tempfile.TemporaryDirectory[str] | None = None
        self._taken = False

    @property
    def alive(self) -> bool:
        """Whether its browser is running, or has not been needed yet."""
        return self._context is None or _browser(self._context).is_connected()

    @property
    def browser_type(self) -> Any:
        """Playwright's type of this browser."""
        return self._playwright.chromium

    @property
    def contexts(self) -> list[BrowserContext]:
        """The visitor that is open, if any."""
        return [self._context] if self._context and self._taken else []

    def _revive(self) -> None:
        self.end()  # the next visitor starts another

    def _open(self, options: dict[str, Any]) -> BrowserContext:
        if self._taken:
            raise BlockerError(
                f"{self.blocker.name}: an extension is active in one context at a time; close the "
                "open one before the next"
            )
        if self._context is None or options != self._options:
            self.end()
            try:
                self._context = self._launch(options)
                self._load(self._context)
                wait_until_any(self._context.new_page, self.blocker.label)
            except BaseException:
                self.end()
                raise
            self._options = options
        context = self._context
        self._taken = True
        context.close = self._leave  # type: ignore[method-assign]
        return context

    def _leave(self, **_: Any) -> None:
        """Close what the visitor opened and clear the rest; the browser keeps running."""
        from playwright.sync_api import Error

        if self._context is None:
            return
        try:
            self._forget(self._context)
        except Error:  # a page that does not close: the next visitor gets a new browser
            self.end()
        self._taken = False

    def _forget(self, context: BrowserContext) -> None:
        context.unroute_all(behavior="ignoreErrors")
        # Chromium exits with its last window.
        keep = context.new_page()
        for page in [page for page in context.pages if page is not keep]:
            page.close()
        session = context.new_cdp_session(keep)
        session.send("Network.clearBrowserCache")
        context.clear_cookies()
        context.clear_permissions()
        for origin in {*self._origins}:
            session.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "all"})
        session.detach()
        self._origins.clear()

    def _launch(self, options: dict[str, Any]) -> BrowserContext:
        self._profile = tempfile.TemporaryDirectory(
            prefix="chromium-profile-", ignore_cleanup_errors=True
        )
        how = launched(
            self._how,
            # Allows the driver to load extensions: Chrome itself no longer does so by a switch,
            # and does not report why one fails to load.
            "--enable-unsafe-extension-debugging",
            ignore_default_args=["--disable-extensions"],
        )
        chromium = self._playwright.chromium
        context = chromium.launch_persistent_context(self._profile.name, **{**how, **options})
        self._origins: set[str] = set()
        context.on("request", lambda request: self._note(request.url))
        return context

    def _load(self, context: BrowserContext) -> None:
        from playwright.sync_api import Error

        session = _browser(context).new_browser_cdp_session()
        try:
            told = session.send("Extensions.loadUnpacked", {"path": str(self._folder)})
        except Error as error:
            why = error.message.rpartition("(Extensions.loadUnpacked): ")[2]
            raise self._refused(context, why) from None
        finally:
            session.detach()
        self._id = str(told["id"])

    def _refused(self, context: BrowserContext, why: str) -> BlockerError:
        manifest = Manifest.read(self._folder)
        title = f"{manifest.name} {manifest.version}"
        return BlockerError(
            f"{self._named}: Chromium {_browser(context).version} does not run {title}: "
            f"{why.strip().replace(str(self._folder), 'its folder')}"
        )

    def _note(self, url: str) -> None:
        if found := re.match(r"https?://[^/]+", url):
            self._origins.add(found[0])

    def end(self) -> None:
        """Close the browser, if it is running."""
        from playwright.sync_api import Error

        context, self._context, self._taken = self._context, None, False
        if context is not None:
            with suppress(Error):  # it may have exited by itself
                type(context).close(context)
        if self._profile is not None:
            self._profile.cleanup()

    def check(self) -> Blocker:
        """Start the browser, check that it runs the extension; return the blocker with versions."""
        context = self.new_context()
        page = context.new_page()
        page.goto("chrome://extensions/")
        found = page.evaluate(_INFO, self._id)
        version = _browser(context).version
        if found["state"] != "ENABLED":
            why = "; ".join(found["errors"]) or f"it is {found['state'].lower()}"
            raise self._refused(context, why)
        context.close()
        return replace(
            self.blocker, title=found["name"], version=found["version"], browser_version=version
        )


def _browser(context: BrowserContext) -> Browser:
    if context.browser is None:
        raise RuntimeError("this Playwright has no browser for an extension; 1.57 to 1.64 do")
    return context.browser


def worker_of(context: BrowserContext) -> Worker:
    """Return the service worker of the extension in a context."""
    return next(iter(context.service_workers), None) or context.wait_for_event("serviceworker")


def start_extension(
    blocker: Blocker, playwright: Playwright, options: Options
) -> AbstractContextManager[Running]:
    """Start Chromium with an unpacked or zipped Manifest V3 extension."""
    return _start(blocker, playwright, options, *given_path(blocker, options))


def start_added(
    blocker: Blocker, playwright: Playwright, options: Options
) -> AbstractContextManager[Running]:
    """Start Chromium with an extension that the user has added."""
    path = str(archive(blocker.name, options))
    return _start(blocker, playwright, options, f"blocker {blocker.name}", path)


@contextmanager
def _start(
    blocker: Blocker, playwright: Playwright, options: Options, named: str, path: str
) -> Iterator[Running]:
    with unpacked(named, path) as folder:
        running = WithExtension(blocker, playwright, options, folder, named)
        try:
            running.blocker = running.check()
            yield running
        finally:
            running.end()
