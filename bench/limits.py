"""What no script could beat, measured in turn with ours: a blocker's own reaction, a round trip,
and bare requests. A bare page of a few lines asks for the same things, and decides nothing.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.table import BenchError
from detector.testing.internet import Internet
from detector.testing.messages import Answer, Request

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from detector.core.baits.site_baits import Choice

HOST = "bare.example"
URL = f"https://{HOST}/"
# One round trip, then one bait element and one bait request at once. A timer looks at the element:
# frames would be rarer, and a loop without a pause would keep the blocker waiting.
BARE = """<!doctype html><html><head><title>x</title><link rel="icon" href="data:,">
</head><body><p>text</p><script>(async ([kind, url, name]) => {
  const began = performance.now();
  await (await fetch("/bare.json")).json();
  const trip = performance.now() - began;
  const since = performance.now();
  const element = document.createElement("div");
  element.className = name;
  element.style.cssText = "position:absolute;width:9px;height:9px";
  document.body.append(element);
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
    document.body.append(request);
  });
  const found = { trip, hidden: await hidden, refused: await refused };
  document.documentElement.dataset.measured = JSON.stringify(found);
})(%s);</script></body></html>"""
# Only the four requests of a view: their own cost in this browser, and the time until the last
# answer that a verdict needs.
REQUESTS = """(async () => {
  const began = performance.now();
  const add = (name, src) => new Promise((done) => {
    const element = document.createElement(name);
    element.onload = element.onerror = done;
    if (name == "script") document.head.append(element);
    element.src = src;
  });
  await (await fetch("/floor.json")).json();
  await Promise.all([add("script", "/floor-bait.js"), add("img", "/floor.png")]);
  const ms = performance.now() - began;
  navigator.sendBeacon("/floor", "{}");
  document.documentElement.dataset.measured = JSON.stringify({ ms });
})();"""
MEASURED = """() => new Promise((told) => {
  const look = (left) => {
    const text = document.documentElement.dataset.measured;
    if (text || !left) told(text || "");
    else setTimeout(look, 20, left - 1);
  };
  look(500);
})"""
REQUESTS_HOST = "floor.example"


@dataclass(frozen=True, slots=True)
class Reaction:
    """Milliseconds of a round trip, and from there until a blocker acted on an element and on a
    request.
    """

    trip: float
    hidden: float
    refused: float

    @property
    def first(self) -> float:
        """Return the time of the earlier one: what any script waits for that asks its server."""
        return self.trip + min(self.hidden, self.refused)


def add_pages(net: Internet, choice: Choice) -> None:
    """Add the two bare pages; the first has a bait element and a bait request of `choice`."""
    bait = next(bait for bait, _ in choice.requests if bait.type in ("script", "image"))
    kind = {"script": "script", "image": "img"}[bait.type]
    page = BARE % json.dumps([kind, f"/{bait.url}1", choice.elements[0]])
    net.answer(HOST, lambda request: _answer(request, page))
    net.answer(REQUESTS_HOST, _answer_requests)


def reaction(page: Page) -> Reaction:
    """Load the bare page in a browser with a blocker; raise BenchError if it does not act."""
    page.goto(URL)
    found = _measured(page)
    if found["hidden"] is None or found["refused"] is None:
        what = "element" if found["hidden"] is None else "request"
        raise BenchError(f"the blocker let the bare page's bait {what} pass: is it ready?")
    return Reaction(found["trip"], found["hidden"], found["refused"])


def bare_requests(page: Page) -> float:
    """Load the page with four bare requests; return milliseconds until the last answer."""
    page.goto(f"https://{REQUESTS_HOST}/")
    return float(_measured(page)["ms"])


def _measured(page: Page) -> dict[str, float]:
    text = page.evaluate(MEASURED)
    if not text:
        raise BenchError(f"no figure on {page.url} within ten seconds")
    found: dict[str, float] = json.loads(text)
    return found


def _answer(request: Request, page: str) -> Answer:
    if request.path == "/":
        return Answer(page, "text/html")
    return Answer("{}", "application/json")


def _answer_requests(request: Request) -> Answer:
    if request.path == "/":
        head = (
            '<title>x</title><link rel="icon" href="data:,"><script async src="/floor.js"></script>'
        )
        return Answer(
            f"<!doctype html><html><head>{head}</head><body><p>text</body></html>", "text/html"
        )
    kind = "text/javascript" if request.path.endswith(".js") else "application/json"
    return Answer(REQUESTS if request.path == "/floor.js" else "{}", kind)
