"""Starts Chromium as blockers need it: plain, with an engine over it, with an extension in it."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from detector.qa.blockers.model import Blocker, BlockerError, Options
from detector.qa.blockers.running import Running
from detector.qa.blockers.unpacked import Manifest, unpacked
from detector.qa.browsers import CHROMIUM, chromium_args

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Playwright, Worker

_PLATFORM = {"darwin": "Macintosh; Intel Mac OS X 10_15_7", "win32": "Windows NT 10.0; Win64; x64"}
_STATES = """async () => {
  for (let tries = 0; tries < 100; tries++) {
    const all = await chrome.developerPrivate.getExtensionsInfo();
    if (all.length) return all.map((one) => ({ id: one.id, name: one.name, version: one.version,
      state: one.state, errors: (one.manifestErrors || []).map((e) => e.message) }));
    await new Promise((go) => setTimeout(go, 50));
  }
  return [];
}"""


def arguments(options: Options, *more: str) -> list[str]:
    """Return the arguments for Chromium."""
    args = [*chromium_args(), *more]
    if options.net is not None:
        # A service worker is fetched outside of any context, whose switch does not reach it.
        args.append("--ignore-certificate-errors")
    if options.hide_automation:
        args.append("--disable-blink-features=AutomationControlled")
        if number := _major_version(CHROMIUM.find()):
            system = _PLATFORM.get(sys.platform, "X11; Linux x86_64")
            args.append(
                f"--user-agent=Mozilla/5.0 ({system}) AppleWebKit/537.36 (KHTML, like Gecko) "
                f"Chrome/{number}.0.0.0 Safari/537.36"
            )
    return args


def launched(options: Options, *more: str, **ours: Any) -> dict[str, Any]:
    """Return what Playwright's `launch` is given: ours, and what the options have beside it."""
    given = dict(options.launch)
    net = options.net
    return {
        "executable_path": given.get("executable_path") or CHROMIUM.find(),
        "headless": options.headless,
        "proxy": {"server": net.proxy_url} if net else None,
        **ours,
        **given,
        "args": [*arguments(options, *more), *given.get("args", ())],
        "ignore_default_args": [
            *ours.get("ignore_default_args", ()),
            *given.get("ignore_default_args", ()),
        ],
    }


def _major_version(program: str) -> str:
    if sys.platform == "win32":  # there the switch opens a window, and the version names a folder
        names = [path.name for path in Path(program).parent.glob("[0-9]*.*")]
        return max((name.partition(".")[0] for name in names), key=int, default="")
    told = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    found = re.search(r"\b(\d+)\.\d+", told.stdout)
    return found[1] if found else ""


def defaults(options: Options) -> dict[str, Any]:
    """Return what every context is opened with."""
    return {"ignore_https_errors": True} if options.net is not None else {}


@contextmanager
def start_chromium(
    blocker: Blocker, playwright: Playwright, options: Options, *, pac: str = "", **running: Any
) -> Iterator[Running]:
    """Start Chromium; `pac` is the address of proxy settings, `running` what `Running` takes."""
    settings: dict[str, Any] = {"proxy": None} if pac else {}
    more = [f"--proxy-pac-url={pac}"] if pac else []
    browser = playwright.chromium.launch(**launched(options, *more, **settings))
    try:
        known = replace(blocker, browser_version=browser.version)
        yield Running(known, browser=browser, defaults=defaults(options), **running)
    finally:
        browser.close()


class WithExtension(Running):
    """An extension acts in the context that its browser was started with, and in no other.

    So a fresh visitor is that context emptied, or the browser started anew where other options are
    asked for; two visitors at a time are not to be had.
    """

    def __init__(self, blocker: Blocker, playwright: Playwright, options: Options, folder: Path):
        super().__init__(blocker, defaults=defaults(options))
        self._playwright = playwright
        self._how = options
        self._folder = folder
        self._context: BrowserContext | None = None
        self._options: dict[str, Any] = {}
        self._profile: tempfile.TemporaryDirectory[str] | None = None
        self._taken = False

    @property
    def browser_type(self) -> Any:
        """Playwright's type of this browser."""
        return self._playwright.chromium

    @property
    def contexts(self) -> list[BrowserContext]:
        """The visitor that is open, if any."""
        return [self._context] if self._context and self._taken else []

    def _open(self, options: dict[str, Any]) -> BrowserContext:
        if self._taken:
            raise BlockerError(
                f"{self.blocker.name}: an extension acts in one context at a time; close the open "
                "one before the next"
            )
        if self._context is None or options != self._options:
            self.end()
            self._context = self._launch(options)
            self._options = options
        context = self._context
        self._taken = True
        context.close = self._leave  # type: ignore[method-assign]
        return context

    def _leave(self, **_: Any) -> None:
        """Close what the visitor opened and forget the rest; the browser stays."""
        from playwright.sync_api import Error

        if self._context is None:
            return
        try:
            self._forget(self._context)
        except Error:  # a page that will not close: the next visitor gets a browser of its own
            self.end()
        self._taken = False

    def _forget(self, context: BrowserContext) -> None:
        context.unroute_all(behavior="ignoreErrors")
        # Chromium ends with its last window.
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
            f"--load-extension={self._folder}",
            f"--disable-extensions-except={self._folder}",
            # Without this switch Chromium's own builds ignore --load-extension.
            "--disable-features=DisableLoadExtensionCommandLineSwitch",
            ignore_default_args=["--disable-extensions"],
        )
        chromium = self._playwright.chromium
        context = chromium.launch_persistent_context(self._profile.name, **{**how, **options})
        self._origins: set[str] = set()
        context.on("request", lambda request: self._note(request.url))
        return context

    def _note(self, url: str) -> None:
        if found := re.match(r"https?://[^/]+", url):
            self._origins.add(found[0])

    def end(self) -> None:
        """End the browser."""
        context, self._context, self._taken = self._context, None, False
        if context is not None:
            type(context).close(context)
        if self._profile is not None:
            self._profile.cleanup()

    def check(self) -> Blocker:
        """Start the browser and see that it runs the extension; give the blocker with versions."""
        context = self.new_context()
        page = context.new_page()
        page.goto("chrome://extensions/")
        found = page.evaluate(_STATES)
        version = context.browser.version if context.browser else ""
        context.close()
        manifest = Manifest.read(self._folder)
        if not found or found[0]["state"] != "ENABLED":
            why = "; ".join(found[0]["errors"]) if found else "look at it in chrome://extensions"
            raise BlockerError(
                f"--blocker-extension {self.blocker.name}: Chromium {version} does not run "
                f"{manifest.name} {manifest.version}: {why or found[0]['state']}"
            )
        title = f"{found[0]['name']}"
        return replace(
            self.blocker, title=title, version=found[0]["version"], browser_version=version
        )


def worker_of(context: BrowserContext) -> Worker:
    """Return the service worker of the extension that acts in a context."""
    return next(iter(context.service_workers), None) or context.wait_for_event("serviceworker")


@contextmanager
def start_extension(
    blocker: Blocker, playwright: Playwright, options: Options
) -> Iterator[Running]:
    """Start Chromium with an unpacked or zipped Manifest V3 extension."""
    with unpacked(blocker.name, options.extensions[blocker.name]) as folder:
        running = WithExtension(blocker, playwright, options, folder)
        try:
            running.blocker = running.check()
            yield running
        finally:
            running.end()
