"""Unusual ways to visit a page."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from bench.matrix.environment import HIDDEN, Answer, NotRun, Read, Tab, Visit
from bench.matrix.reading import unseen
from bench.matrix.waiting import until

WARM = 20
# An ad on the page: a frame of either library.
ADS = "() => Boolean(document.querySelector('ins iframe, [id^=google_ads_iframe] iframe'))"


def slow(tab: Tab, url: str, read: Read) -> Answer:
    """Read the first verdict, then the final one."""
    first = read_first(tab, url, read)
    tab.page.wait_for_load_state("load", timeout=40_000)
    last = read(tab)
    return last if last["state"] != first["state"] else first


def read_first(tab: Tab, url: str, read: Read) -> Answer:
    """Go to the page and read the verdict."""
    tab.goto(url)
    return read(tab)


def warm(tab: Tab, url: str, read: Read) -> Answer:
    """Load the page twenty times in a row; the first answer that differs counts."""
    answers = [read_first(tab, url, read) for _ in range(WARM)]
    return next((a for a in answers if a["state"] != answers[0]["state"]), answers[-1])


def restored(tab: Tab, url: str, read: Read) -> Answer:
    """Leave the page and return to it from the back/forward cache: it has the verdict that it had.

    A browser does not cache a page that is left during a request, hence the retries: the
    later ones leave only after the report was sent, two to three seconds after the load event.
    """
    page: Any = tab.page
    # Not every report has an entry in the page's own list of requests: Chromium sends some itself.
    reported = """() => {
      const { loadEventEnd } = performance.getEntriesByType("navigation")[0];
      return loadEventEnd && performance.now() > loadEventEnd + 4000;
    }"""
    for attempt in range(6):
        answer = read_first(tab, url, read)
        if answer["state"] in ("true", "false"):
            return answer
        page.wait_for_load_state("networkidle")
        if attempt > 1:
            page.wait_for_function(reported, timeout=40_000)
        page.evaluate(
            """() => {
              window.kept = [];
              document.addEventListener("ads:verdict", ({ detail }) => window.kept.push(detail));
            }"""
        )
        parts = urlsplit(url)
        page.goto(f"{parts.scheme}://{parts.netloc}/harbour", wait_until="load")
        page.evaluate("() => void history.back()")
        told = """() => {
          document.dispatchEvent(new CustomEvent("ads:ask", { cancelable: true }));
          return location.pathname === "/" && (window.kept ? window.kept.at(-1) : "gone");
        }"""
        found = page.wait_for_function(told, timeout=15_000).json_value()
        if found != "gone":
            return dict(found)
    raise NotRun("this browser reloaded the page instead of restoring it, six times")


def worker(tab: Tab, url: str, read: Read) -> Answer:
    """Visit once so that the service worker takes over, then again."""
    page: Any = tab.page
    page.goto(url)
    page.wait_for_function("() => navigator.serviceWorker.controller", timeout=15_000)
    return read_first(tab, url, read)


def hydrated(tab: Tab, url: str, read: Read) -> Answer:
    """Wait until React has hydrated the document, and check that it works."""
    page: Any = tab.page
    failures: list[str] = []
    page.on("pageerror", lambda error: failures.append(str(error)))
    answer = read_first(tab, url, read)
    page.wait_for_function("() => document.title === 'React: taken over'", timeout=10_000)
    page.locator("button").click()
    page.wait_for_function("() => document.querySelector('button').textContent === '1'")
    if failures:
        return {"state": "page broken", "kind": failures[0][:200]}
    return read(tab) if answer["state"] in ("true", "false") else answer


def in_background(tab: Tab, url: str, read: Read) -> Answer:
    """Load the page in a hidden tab, then show it (Firefox)."""
    page: Any = tab.page
    page.goto("about:blank")
    with page.context.expect_page() as opened:
        page.evaluate("() => void window.open('about:blank')")
    page.goto(url, wait_until="load")
    if page.evaluate("() => document.visibilityState") != "hidden":
        raise NotRun("this browser shows a tab in the background as visible")
    before = unseen(tab)
    opened.value.close()
    page.wait_for_function("() => document.visibilityState === 'visible'")
    after = read(tab)
    if after["state"] in ("true", "false"):
        return after
    return {**after, "state": before + HIDDEN.removeprefix("none") + after["state"]}


def after_consent(tab: Tab, url: str, read: Read) -> Answer:
    """Read while the consent tool delays the ads, and again after it has loaded them."""
    before = read_first(tab, url, read)
    if tab.run(ADS):
        raise NotRun("the consent tool did not delay the ads")
    tab.run("() => document.querySelector('#consent').click()")
    until(lambda: tab.run(ADS), 10, "the consent tool did not load the ads")
    after = read(tab)
    return after if after["state"] != before["state"] else before


def with_script(code: str) -> Visit:
    """Return a visit in which a script of the page runs before all others."""

    def visit(tab: Tab, url: str, read: Read) -> Answer:
        tab.page.add_init_script(code)
        return read_first(tab, url, read)

    return visit
