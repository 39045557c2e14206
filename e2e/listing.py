"""Browsers as under filter lists: an engine decides on requests, a user style sheet hides.

A page's own style sheets never reach into the notice's shadow tree, a user's do. In Chromium it
comes from an extension, as those of blockers do, in Firefox from the profile.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, Playwright, Route, Worker, expect

from detector.baits.engine import Lists
from detector.qa.browsers import CHROMIUM, FIREFOX, chromium_args, firefox_prefs
from detector.qa.internet import Internet
from e2e.newspaper import URL, Paper, verdict_of

MANIFEST = {
    "manifest_version": 3,
    "name": "Sheet",
    "version": "1",
    "permissions": ["scripting", "webNavigation"],
    "host_permissions": ["<all_urls>"],
    "background": {"service_worker": "worker.js"},
}
WORKER = """globalThis.css = "";
chrome.webNavigation.onCommitted.addListener(({ tabId, frameId }) => {
  const target = { tabId, frameIds: [frameId] };
  if (globalThis.css)
    chrome.scripting.insertCSS({ target, css: globalThis.css, origin: "USER" }).catch(() => {});
});
"""
# Every class and id on the page, in open shadow trees too.
NAMES = """() => {
  const names = new Set();
  const walk = (root) => {
    for (const one of root.querySelectorAll("*")) {
      for (const name of [...one.classList, one.id]) if (name) names.add(name);
      if (one.shadowRoot) walk(one.shadowRoot);
    }
  };
  walk(document);
  return [...names];
}"""
# The engine's words for the types of requests that Playwright names otherwise.
TYPES = {"fetch": "xmlhttprequest", "xhr": "xmlhttprequest", "beacon": "ping"}
GROUP = 500


class Listed:
    """A Chromium that can be put under one list after another."""

    def __init__(self, context: BrowserContext, worker: Worker) -> None:
        self.context = context
        self._worker = worker

    @property
    def label(self) -> str:
        """Name the browser."""
        browser = self.context.browser
        return f"Chromium {browser.version if browser else ''} + filter lists as an engine"

    def page(self, paper: Paper, lists: Lists | None, names: Iterable[str]) -> Stopped:
        """Open a fresh visitor's page under a list."""
        self.context.clear_cookies()
        self._worker.evaluate("(css) => { globalThis.css = css; }", sheet(lists, names))
        return Stopped(self.context.new_page(), paper, lists)


class Stopped:
    """A page whose requests a list decides on.

    The baits are stopped in any case, so that every list meets a page with a notice.
    """

    def __init__(self, page: Page, paper: Paper, lists: Lists | None) -> None:
        self.page = page
        self._prefix = paper.names.prefix
        self._baits = paper.site.baits[self._prefix]
        self._lists = lists
        page.route("**/*", self._decide)

    def _decide(self, route: Route) -> None:
        url = route.request.url
        bait = self._baits.find(url.partition("?")[0].partition(f"/{self._prefix}/")[2])
        kind = route.request.resource_type
        lists = self._lists if kind != "document" else None
        listed = lists and lists.hits(url, URL, TYPES.get(kind, kind))
        if listed or (bait and not bait.control):
            route.abort("blockedbyclient")
        else:
            route.continue_()

    def state(self) -> str:
        """Visit the site; say what became of its notice: seen, hidden or not loaded."""
        self.page.goto(URL)
        assert verdict_of(self.page)["state"] == "blocked"
        self.page.wait_for_load_state("networkidle")
        expect(self.page.locator("main")).to_be_visible()
        card = self.page.locator(".card")
        if not card.count():
            return "not loaded"
        return "seen" if card.is_visible() else "hidden"

    def close(self) -> None:
        """Make the next page that of a fresh visitor, where the context is one for all."""
        self.page.evaluate("() => { localStorage.clear(); sessionStorage.clear(); }")
        self.page.close()


def sheet(lists: Lists | None, names: Iterable[str]) -> str:
    """Make the style sheet of a list, for a page with these classes and ids."""
    names = list(names)
    found = lists.selectors(URL, names, names) if lists else []
    # In groups: `:is` forgives a selector that the browser does not know.
    return "".join(
        f":is({','.join(found[start : start + GROUP])}){{display:none!important}}\n"
        for start in range(0, len(found), GROUP)
    )


@contextmanager
def firefox_under_lists(
    playwright: Playwright, net: Internet, lists: Lists, names: Iterable[str]
) -> Iterator[BrowserContext]:
    """Start Firefox with the lists' style sheet in its profile."""
    with tempfile.TemporaryDirectory(prefix="sheet-") as folder:
        own = Path(folder, "chrome")
        own.mkdir()
        (own / "userContent.css").write_text(sheet(lists, names), "utf-8")
        context = playwright.firefox.launch_persistent_context(
            folder,
            channel="moz-firefox",
            executable_path=FIREFOX.find(),
            ignore_https_errors=True,
            firefox_user_prefs={
                **firefox_prefs(net),
                "toolkit.legacyUserProfileCustomizations.stylesheets": True,
            },
        )
        try:
            yield context
        finally:
            context.close()


@contextmanager
def chromium_under_lists(playwright: Playwright, net: Internet) -> Iterator[Listed]:
    """Start Chromium with an extension that inserts the style sheet it is given."""
    with tempfile.TemporaryDirectory(prefix="sheet-") as folder:
        extension = Path(folder, "extension")
        extension.mkdir()
        (extension / "manifest.json").write_text(json.dumps(MANIFEST), "utf-8")
        (extension / "worker.js").write_text(WORKER, "utf-8")
        context = playwright.chromium.launch_persistent_context(
            Path(folder, "profile"),
            executable_path=CHROMIUM.find(),
            args=[
                *chromium_args(),
                f"--load-extension={extension}",
                f"--disable-extensions-except={extension}",
                # Without this switch Chromium's own builds ignore --load-extension.
                "--disable-features=DisableLoadExtensionCommandLineSwitch",
            ],
            ignore_default_args=["--disable-extensions"],
            proxy={"server": net.proxy_url},
            ignore_https_errors=True,
        )
        try:
            worker = next(iter(context.service_workers), None)
            yield Listed(context, worker or context.wait_for_event("serviceworker"))
        finally:
            context.close()
