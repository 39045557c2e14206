"""Environments without a blocker: nobody may be accused, and who gets ads is `clear`."""

from __future__ import annotations

import re
from functools import partial

from bench.matrix import visits
from bench.matrix.browsers import AD_HOSTS
from bench.matrix.bundles import NotInstalled, bundle, react_page
from bench.matrix.environment import (
    CLEAR,
    HIDDEN,
    UNREACHABLE,
    Answer,
    Change,
    Environment,
    NotRun,
    Read,
    Tab,
    Visit,
)
from bench.matrix.sites import NONCE

STRICT = (
    f"default-src 'none'; script-src 'nonce-{NONCE}' 'strict-dynamic'; connect-src 'self'; "
    "img-src 'self' data:; style-src 'self' 'unsafe-inline'; frame-src https:"
)
WORKER = b"""self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(clients.claim()));
self.addEventListener("fetch", (event) => event.respondWith(fetch(event.request)));"""
FETCH = """{ const real = window.fetch;
window.fetch = async function (input, init) { return real.call(this, input, { ...init }); }; }"""
HIDE = "<style>body{display:none!important}</style>"
SHOW = "<script>setTimeout(() => document.querySelector('style').remove(), 1000)</script>"
MAP = """<script type="importmap">
{"imports":{"word":"data:text/javascript,export default 1"}}</script>
<script type="module">import one from "word"; document.documentElement.dataset.one = one</script>"""
CONSENT = """<button id="consent">Allow</button><script>consent.onclick = () => {
  for (const held of document.querySelectorAll('script[type="text/plain"]')) {
    const free = document.createElement("script");
    if (held.src) free.src = held.src; else free.text = held.text;
    held.replaceWith(free);
  }
};</script></body>"""
_AD_TAG = re.compile(r"<script[^>]*(?:googlesyndication|doubleclick)[^>]*></script>")
_SLOTS = re.compile(r"<script>\s*(?:googletag\.cmd|\(adsbygoogle).*?</script>", re.DOTALL)


def without_ads(page: str, classes: tuple[str, ...]) -> str:
    """Take every ad and every slot's script off the page."""
    return _SLOTS.sub("", _AD_TAG.sub("", page))


def held_back(page: str, classes: tuple[str, ...]) -> str:
    """Let a consent tool hold the ads back until its button is pressed."""

    def hold(found: re.Match[str]) -> str:
        return found[0].replace("<script", '<script type="text/plain"', 1)

    page = _SLOTS.sub(hold, _AD_TAG.sub(hold, page))
    return page.replace("</body>", CONSENT)


def with_nonces(page: str, classes: tuple[str, ...]) -> str:
    """Write the page as a strict policy asks."""
    return page.replace("<script", f'<script nonce="{NONCE}"')


def at_head(more: str) -> Change:
    """Put something at the begin of every page's head."""
    return Change(lambda page, classes: page.replace("<head>", "<head>" + more, 1))


def hides_classes(page: str, classes: tuple[str, ...]) -> str:
    """Hide two of the day's bait classes by the site's own style sheet."""
    rule = ",".join("." + name for name in classes[:2]) + "{display:none!important}"
    return page.replace("</head>", f"<style>{rule}</style></head>", 1)


SERVICE = Change(
    lambda page, classes: page.replace(
        "</body>", "<script>navigator.serviceWorker.register('/worker.js')</script></body>"
    ),
    files={"/worker.js": ("text/javascript", WORKER)},
)


def react() -> tuple[Change, Visit]:
    """Return the page that React takes over, and its visit, which says when React is missing."""
    try:
        page, script = react_page(), bundle("hydrate.js")
    except NotInstalled as error:
        reason = str(error)

        def missing(tab: Tab, url: str, read: Read) -> Answer:
            raise NotRun(reason)

        return Change(), missing
    files = {"/files/react.js": ("text/javascript", script)}
    return Change(lambda _, classes: page, files=files), visits.hydrated


def clean() -> list[Environment]:
    """Return every clean environment."""
    row = partial(Environment, group="clean", wanted=(CLEAR,))
    maybe = (CLEAR, UNREACHABLE)
    hydrating, hydrated = react()
    rows = []
    for browser in ("chromium", "firefox"):
        r = partial(row, browser=browser)
        rows += [
            r("clean", how="the newspaper, all its ads arrive"),
            r(
                "third parties down",
                wanted=(("unknown", None),),
                how="no host but the site answers",
                faults=lambda net: net.third_parties_down(),
            ),
            r(
                "ad hosts slow by 3 s",
                how="ad hosts answer after 3 s",
                faults=lambda net: net.slow(AD_HOSTS, 3),
                visit=visits.slow,
            ),
            r(
                "ad hosts slow by 10 s",
                how="ad hosts answer after 10 s",
                faults=lambda net: net.slow(AD_HOSTS, 10),
            ),
            r(
                "ad hosts answer 500",
                wanted=maybe,
                how="status 500, no body",
                faults=lambda net: net.status(AD_HOSTS, 500),
            ),
            r(
                "ad hosts answer nothing",
                wanted=maybe,
                how="status 200, no body",
                faults=lambda net: net.empty(AD_HOSTS),
            ),
            r(
                "strict policy",
                how="script-src with a nonce and 'strict-dynamic'",
                site=Change(with_nonces, {"Content-Security-Policy": STRICT}),
            ),
            r("no ads", how="a page without any ad", site=Change(without_ads)),
            r(
                "consent tool",
                how="ad tags are text/plain until a button is pressed",
                site=Change(held_back),
                visit=visits.after_consent,
            ),
            r("restored", how="left, and come back from the cache", visit=visits.restored),
            r(
                "body hidden at first",
                how="body has display: none for a second",
                site=at_head(HIDE + SHOW),
            ),
            r("twenty loads", how="twenty loads in a row, warm cache", visit=visits.warm),
            r("service worker", how="passes every fetch on", site=SERVICE, visit=visits.worker),
            r("own css hides baits", how="two of the day's classes", site=Change(hides_classes)),
            r("fetch replaced", how="by the page's own wrapper", visit=visits.with_script(FETCH)),
            r("React hydrates", how="the whole document", site=hydrating, visit=hydrated),
            r("import map", how="behind our tag", site=at_head(MAP)),
            r("phone", how="viewport of 390 × 844", options={"viewport": PHONE}),
            r("Save-Data", how="header on every request", options={"extra_http_headers": SAVE}),
        ]
    rows += [
        row("clean", browser="webkit", how="the newspaper, all its ads arrive"),
        row("private window", browser="firefox, private", how="private windows only"),
        row(
            "hidden tab",
            browser="firefox",
            wanted=((HIDDEN + "clear", None),),
            how="loaded behind another tab, then looked at",
            visit=visits.in_background,
        ),
    ]
    return rows


PHONE = {"width": 390, "height": 844}
SAVE = {"Save-Data": "on"}
