"""Browsers with emulated filter lists: an engine blocks requests, a user style sheet hides.

A page's own style sheets do not apply to the notice's shadow tree, a user's do. In Chromium it
is inserted by an extension, as blockers do, in Firefox by the profile.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Page, Playwright, Route, expect

from detector.filter_lists.engine import Lists
from detector.testing.blockers import Options, Running, start
from detector.testing.blockers.compiled import KINDS
from detector.testing.blockers.extension import worker_of
from detector.testing.internet import Internet
from e2e.support.newspaper import LIBRARY_HOSTS, URL, Paper, verdict_of

MANIFEST = {
    "manifest_version": 3,
    "name": "Sheet",
    "version": "1",
    "permissions": ["scripting", "webNavigation"],
    "host_permissions": ["<all_urls>"],
    "background": {"service_worker": "worker.js"},
}
# What it hides at first is what the kit's readiness probe looks at; the visits set their own.
WORKER = """globalThis.css = "body > .adSlot:only-child { display: none !important }";
chrome.webNavigation.onCommitted.addListener(({ tabId, frameId }) => {
  const target = { tabId, frameIds: [frameId] };
  if (globalThis.css)
    chrome.scripting.insertCSS({ target, css: globalThis.css, origin: "USER" }).catch(() => {});
});
"""
# Every class and id on the page, including open shadow trees.
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
GROUP = 500


class Listed:
    """A Chromium that applies one list after another."""

    def __init__(self, running: Running) -> None:
        self._running = running

    @property
    def label(self) -> str:
        """Return the browser's name."""
        return f"Chromium {self._running.version} + filter lists as an engine"

    def page(self, paper: Paper, lists: Lists | None, names: Iterable[str]) -> Stopped:
        """Open a new visitor's page under a list."""
        context = self._running.new_context()
        css = sheet(lists, names)
        worker_of(context).evaluate("(css) => { globalThis.css = css; }", css)
        return Stopped(context.new_page(), paper, lists)


class Stopped:
    """A page whose requests are filtered by a list.

    The baits and the libraries of ad networks are always blocked, so that every list is applied to
    a page with a notice.
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
        listed = lists and lists.hits(url, URL, KINDS.get(kind, kind))
        always = urlsplit(url).hostname in LIBRARY_HOSTS or (bait and not bait.control)
        if listed or always:
            route.abort("blockedbyclient")
        else:
            route.continue_()

    def state(self) -> str:
        """Visit the site; return the state of its notice: seen, hidden or not loaded."""
        self.page.goto(URL)
        assert verdict_of(self.page)["state"] == "blocked"
        self.page.wait_for_load_state("networkidle")
        expect(self.page.locator("main")).to_be_visible()
        card = self.page.locator(".card")
        if not card.count():
            return "not loaded"
        return "seen" if card.is_visible() else "hidden"

    def close(self) -> None:
        """Close the page; the next one is a new visitor's."""
        self.page.context.close()


def sheet(lists: Lists | None, names: Iterable[str]) -> str:
    """Build the style sheet of a list, for a page with these classes and ids."""
    names = list(names)
    found = lists.selectors(URL, names, names) if lists else []
    # In groups: `:is` ignores a selector that the browser does not support.
    return "".join(
        f":is({','.join(found[start : start + GROUP])}){{display:none!important}}\n"
        for start in range(0, len(found), GROUP)
    )


@contextmanager
def firefox_under_lists(
    playwright: Playwright, net: Internet, lists: Lists, names: Iterable[str]
) -> Iterator[Running]:
    """Start Firefox with the lists' style sheet in its profile."""
    with tempfile.TemporaryDirectory(prefix="sheet-") as folder:
        own = Path(folder, "chrome")
        own.mkdir()
        (own / "userContent.css").write_text(sheet(lists, names), "utf-8")
        prefs = {"toolkit.legacyUserProfileCustomizations.stylesheets": True}
        launch = {"user_data_dir": folder, "firefox_user_prefs": prefs}
        options = Options(net=net, hide_automation=False, launch=launch)
        with start("none-firefox", playwright, options) as running:
            yield running


@contextmanager
def chromium_under_lists(playwright: Playwright, net: Internet) -> Iterator[Listed]:
    """Start Chromium with an extension that inserts a given style sheet."""
    with tempfile.TemporaryDirectory(prefix="sheet-") as folder:
        Path(folder, "manifest.json").write_text(json.dumps(MANIFEST), "utf-8")
        Path(folder, "worker.js").write_text(WORKER, "utf-8")
        options = Options(net=net, hide_automation=False, extensions={"sheet": folder})
        with start("sheet", playwright, options) as running:
            yield Listed(running)
