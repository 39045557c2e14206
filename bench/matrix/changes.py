"""Changes to the newspaper for clean environments; each of them can be proven."""

from __future__ import annotations

import re

from bench.matrix.conditions import script
from bench.matrix.environment import Change
from bench.matrix.sites import NONCE

STRICT = (
    f"default-src 'none'; script-src 'nonce-{NONCE}' 'strict-dynamic'; connect-src 'self'; "
    "img-src 'self' data:; style-src 'self' 'unsafe-inline'; frame-src https:"
)
# On a message it reports the requests that it has passed on.
WORKER = b"""const passed = [];
self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(clients.claim()));
self.addEventListener("message", (event) => event.ports[0].postMessage(passed));
self.addEventListener("fetch", (event) => {
  passed.push(event.request.url);
  event.respondWith(fetch(event.request));
});"""
FETCH = """{ const real = window.fetch;
window.fetch = async function (input, init) {
  window.fetches = (window.fetches || 0) + 1;
  return real.call(this, input, { ...init });
}; }"""
fetch_was_replaced = script("() => window.fetches > 0")
HIDE = "<style>body{display:none!important}</style>"
SHOW = """<script>setTimeout(() => {
  document.documentElement.dataset.body = getComputedStyle(document.body).display;
  document.querySelector("style").remove();
}, 1000)</script>"""
# Hidden still, or hidden until the style sheet was removed.
body_was_hidden = script(
    """() => (document.documentElement.dataset.body || getComputedStyle(document.body).display)
      === "none" """
)
MAP = """<script type="importmap">
{"imports":{"word":"data:text/javascript,export default 1"}}</script>
<script type="module">import one from "word"; document.documentElement.dataset.one = one</script>"""
map_was_used = script("() => document.documentElement.dataset.one === '1'")
CONSENT = """<button id="consent">Allow</button><script>consent.onclick = () => {
  for (const held of document.querySelectorAll('script[type="text/plain"]')) {
    const free = document.createElement("script");
    if (held.src) free.src = held.src; else free.text = held.text;
    held.replaceWith(free);
  }
};</script></body>"""
# Records the classes of elements that hide an element without an own style.
OWN_CSS = """<style id="own">RULE{display:none!important}</style><script>
new MutationObserver(() => {
  for (const one of document.querySelectorAll("RULE")) {
    const twin = document.createElement("div");
    twin.className = one.className;
    document.body.append(twin);
    own.met ||= new Set();
    if (getComputedStyle(twin).display === "none") own.met.add(one.className);
    twin.remove();
  }
}).observe(document.documentElement, { childList: true })</script></head>"""
own_css_acts = script("() => own.met?.size === 2")
AD_TAG = re.compile(r"<script[^>]*(?:googlesyndication|doubleclick)[^>]*></script>")
_SLOTS = re.compile(r"<script>\s*(?:googletag\.cmd|\(adsbygoogle).*?</script>", re.DOTALL)


def without_ads(page: str, classes: tuple[str, ...]) -> str:
    """Remove every ad and every slot's script from the page."""
    return _SLOTS.sub("", AD_TAG.sub("", page))


def held_back(page: str, classes: tuple[str, ...]) -> str:
    """Add a consent tool that delays the ads until its button is pressed."""

    def hold(found: re.Match[str]) -> str:
        return found[0].replace("<script", '<script type="text/plain"', 1)

    page = _SLOTS.sub(hold, AD_TAG.sub(hold, page))
    return page.replace("</body>", CONSENT)


def with_nonces(page: str, classes: tuple[str, ...]) -> str:
    """Change the page to comply with a strict policy."""
    return page.replace("<script", f'<script nonce="{NONCE}"')


def at_head(more: str) -> Change:
    """Insert markup at the beginning of every page's head."""
    return Change(lambda page, classes: page.replace("<head>", "<head>" + more, 1))


def hides_classes(page: str, classes: tuple[str, ...]) -> str:
    """Hide two of the day's bait classes by the site's own style sheet."""
    rule = ",".join("." + name for name in classes[:2])
    return page.replace("</head>", OWN_CSS.replace("RULE", rule), 1)


SERVICE = Change(
    lambda page, classes: page.replace(
        "</body>", "<script>navigator.serviceWorker.register('/worker.js')</script></body>"
    ),
    files={"/worker.js": ("text/javascript", WORKER)},
)
