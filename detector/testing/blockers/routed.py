"""A blocker's engine over Playwright: requests stopped by routes, elements hidden by style sheets.

An emulation: author style sheets lose against a page's own important inline styles, where an
extension's would win, and there are no stand-ins for what is blocked.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from detector.testing.blockers.compiled import Compiled

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Route

Blocks = Callable[[str, str, str], bool]
_BRAVE = "Navigator.prototype.brave = { isBrave: async () => true };"
# Requests rules as elements appear, in batches; leaves no trace that the page could see.
_HIDE = """(() => {
  const ask = globalThis.NAME;
  delete globalThis.NAME;
  if (!ask || !/^http/.test(location.protocol)) return;
  const seen = new Set();
  const add = (css) => {
    if (!css) return;
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  };
  const look = (roots) => {
    const fresh = { classes: [], ids: [] };
    const note = (kind, name) => {
      const key = kind + " " + name;
      if (name && !seen.has(key)) { seen.add(key); fresh[kind].push(name); }
    };
    for (const root of roots) {
      if (root.nodeType !== 1) continue;
      for (const one of [root, ...root.querySelectorAll("[class],[id]")]) {
        note("ids", one.id);
        for (const name of one.classList) note("classes", name);
      }
    }
    if (fresh.classes.length || fresh.ids.length)
      ask(location.href, fresh.classes, fresh.ids).then(add, () => {});
  };
  ask(location.href, null, null).then(add, () => {});
  new MutationObserver((changes) => {
    look(changes.flatMap((c) => c.type === "attributes" ? [c.target] : [...c.addedNodes]));
  }).observe(document, { childList: true, subtree: true, attributeFilter: ["class", "id"] });
  if (document.documentElement) look([document.documentElement]);
})();"""


def stop_requests(blocks: Blocks) -> Callable[[BrowserContext], object]:
    """Return a function that makes a context abort the requests that an engine blocks."""

    def decide(route: Route) -> None:
        from playwright.sync_api import Error

        request = route.request
        with suppress(Error):  # the page may be closed by now
            if _stops(request, blocks):
                route.abort("blockedbyclient")
            else:
                route.fallback()

    return lambda context: context.route("**/*", decide)


def _stops(request: Any, blocks: Blocks) -> bool:
    from playwright.sync_api import Error

    try:
        frame = request.frame
        top = frame
        while top.parent_frame is not None:
            top = top.parent_frame
        if request.is_navigation_request() and frame is top:
            return False
        page = top.url
    except Error:  # a service worker's request has no frame
        page = request.headers.get("referer", "")
    kind = request.resource_type
    if request.is_navigation_request():
        kind = "sub_frame"
    return bool(page) and blocks(request.url, page, kind)


def hide_elements(engine: Compiled) -> Callable[[BrowserContext], object]:
    """Return a function that makes a context hide the elements that an engine hides."""

    def answer(source: object, url: str, classes: list[str] | None, ids: list[str] | None) -> str:
        if classes is None:
            return engine.own_sheet(url)
        return engine.sheet(url, classes, ids or [])

    def prepare(context: BrowserContext) -> None:
        name = "_" + secrets.token_hex(8)
        context.expose_binding(name, answer)
        context.add_init_script(_HIDE.replace("NAME", name))

    return prepare


def as_brave(context: BrowserContext) -> None:
    """Add the name by which Brave identifies itself to the pages of a context."""
    context.add_init_script(_BRAVE)


def same_site_only(own: Blocks, every: Blocks) -> Blocks:
    """Return a filter that applies one list alone to a site's requests to itself."""

    def blocks(url: str, page: str, kind: str) -> bool:
        same = urlsplit(url).hostname == urlsplit(page).hostname
        return (own if same else every)(url, page, kind)

    return blocks
