"""What no script could beat, measured beside ours on the same page: a blocker's own reaction, a
round trip, and bare requests. A bare script of a few lines stands where our tag would, asks for the
same things, and decides nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bench.apps import SECRET
from bench.table import BenchError
from detector.core.baits.site_baits import Choice
from detector.demo.app import create_app
from detector.testing.hosting import wsgi_host
from detector.testing.internet import Internet
from detector.testing.messages import Answer, Request

if TYPE_CHECKING:
    from playwright.sync_api import Page

# One round trip, then one bait element and one bait request at once. A timer looks at the element:
# frames would be rarer, and a loop without a pause would keep the blocker waiting.
REACTION = """(async ([kind, url, name]) => {
  const began = performance.now();
  await (await fetch("/bare.json")).json();
  const trip = performance.now() - began;
  const since = performance.now();
  const element = document.createElement("div");
  element.className = name;
  element.style.cssText = "position:absolute;width:9px;height:9px";
  document.documentElement.append(element);
  const hidden = new Promise((done) => {
    const look = () => {
      const ms = performance.now() - since;
      if (!element.checkVisibility()) done(ms);
      else ms > 2000 ? done(null) : setTimeout(look);
    };
    look();
  });
  const refused = new Promise((done) => {
    const request = document.createElement(kind);
    request.onerror = () => done(performance.now() - since);
    request.onload = () => done(null);
    request.src = url;
    document.documentElement.append(request);
  });
  const found = { trip, hidden: await hidden, refused: await refused };
  document.documentElement.dataset.measured = JSON.stringify(found);
})(%s);"""
# Only the four requests of a view: their own cost in this browser, and the time until the last
# answer that a verdict needs.
REQUESTS = """(async () => {
  const began = performance.now();
  const add = (name, src) => new Promise((done) => {
    const element = document.createElement(name);
    element.onload = element.onerror = done;
    if (name == "script") document.documentElement.append(element);
    element.src = src;
  });
  await (await fetch("/bare.json")).json();
  const trip = performance.now() - began;
  await Promise.all([add("script", "/bare-bait.js"), add("img", "/bare.png")]);
  const ms = performance.now() - began;
  navigator.sendBeacon("/bare", "{}");
  document.documentElement.dataset.measured = JSON.stringify({ trip, ms });
})();"""
MEASURED = """() => new Promise((told) => {
  const look = (left) => {
    const text = document.documentElement.dataset.measured;
    if (text || !left) told(text || "");
    else setTimeout(look, 20, left - 1);
  };
  look(1000);
})"""
REACTION_URL = "https://reaction.example/"
TRIES = 3
"""uBlock Origin let the element of one load pass, in three runs of 55."""
REQUESTS_URL = "https://requests.example/"


@dataclass(frozen=True, slots=True)
class Reaction:
    """Milliseconds of a round trip, and from there until a blocker acted on an element and on a
    request.
    """

    trip: float
    hidden: float
    refused: float

    @property
    def own(self) -> float:
        """Return the time of the earlier one, without the round trip."""
        return min(self.hidden, self.refused)


@dataclass(frozen=True, slots=True)
class Requests:
    """Milliseconds of a round trip, and from the start until the last of four bare requests."""

    trip: float
    ms: float


def add_pages(net: Internet, choice: Choice) -> None:
    """Add the newspaper with each bare script in place of the tag; the first has a bait element and
    a bait request of `choice`.
    """
    bait = next(bait for bait, _ in choice.requests if bait.type in ("script", "image"))
    kind = {"script": "script", "image": "img"}[bait.type]
    reaction = REACTION % json.dumps([kind, f"/{bait.url}1", choice.elements[0]])
    for url, script in ((REACTION_URL, reaction), (REQUESTS_URL, REQUESTS)):
        net.answer(url.split("/")[2], newspaper(script))


def reaction(page: Page) -> Reaction:
    """Load the page in a browser with a blocker, again where it does not act within two seconds.

    Raises BenchError if it does not act on any of `TRIES` loads.
    """
    for _ in range(TRIES):
        found = _measured(page, REACTION_URL)
        passed = [name for name in ("hidden", "refused") if found[name] is None]
        if not passed:
            return Reaction(**found)
    what = {"hidden": "element", "refused": "request"}[passed[0]]
    raise BenchError(
        f"the blocker let the bare page's bait {what} pass {TRIES} times: is it ready?"
    )


def requests(page: Page) -> Requests:
    """Load the page with four bare requests."""
    return Requests(**_measured(page, REQUESTS_URL))


def _measured(page: Page, url: str) -> dict[str, Any]:
    page.goto(url)
    text = page.evaluate(MEASURED)
    if not text:
        raise BenchError(f"no figure on {page.url} within twenty seconds")
    found: dict[str, Any] = json.loads(text)
    return found


def newspaper(script: str) -> Callable[[Request], Answer]:
    """Return a host's handler: the demo newspaper, its home page with a script for the tag."""
    plain = wsgi_host(create_app(secret=SECRET, detector=False))
    tag = b'<head><script async src="/bare.js"></script>'

    def handle(request: Request) -> Answer:
        path = request.path.partition("?")[0]
        if path == "/bare.js":
            # As ours, it is loaded once by a visitor.
            cached = [("Cache-Control", "max-age=31536000, immutable")]
            return Answer(script, "text/javascript", headers=cached)
        if path == "/bare-bait.js":
            return Answer("", "text/javascript")
        if path != "/":
            return Answer("{}", "application/json") if "bare" in path else plain(request)
        answer = plain(request)
        body = answer.body
        assert isinstance(body, Iterable) and not isinstance(body, (bytes, str))
        answer.body = b"".join(body).replace(b"<head>", tag, 1)
        assert tag in answer.body
        answer.headers = [one for one in answer.headers if one[0].lower() != "content-length"]
        return answer

    return handle
