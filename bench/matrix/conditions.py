"""Proofs that an environment is what its row says; without one the row does not count.

Each checks the page after its verdict, or the requests to the test internet since it was loaded.
"""

from __future__ import annotations

from fnmatch import fnmatch

from bench.matrix.browsers import AD_HOSTS
from bench.matrix.environment import Environment, Holds, Tab
from bench.matrix.sites import HOST
from bench.matrix.waiting import until
from detector.testing.adhosts import HARMLESS_HOST
from detector.testing.internet import Internet
from detector.testing.messages import Answer, Request

# The frames of the ad libraries: a request for one shows that a library ran.
FRAME_HOSTS = ("googleads.g.doubleclick.net", "*.safeframe.googlesyndication.com")
SECONDS = 5
# A host apart from the site and its third parties, to see what acts on every host.
PROBE_HOST = "probe.example"
PROBE = "neither the site nor an advertiser"


def check(row: Environment, tab: Tab, net: Internet) -> None:
    """Wait until the row's condition holds; raise `NotRun` if it does not."""
    until(lambda: row.holds(tab, net), SECONDS, f"condition did not hold: {row.how}")


def by_visit(tab: Tab, net: Internet) -> bool:
    """Check nothing: the visit itself fails without its condition."""
    return True


def script(function: str) -> Holds:
    """Return a condition that evaluates a function in the page."""
    return lambda tab, net: bool(tab.run(function))


def every(*conditions: Holds) -> Holds:
    """Return the condition that all given ones hold."""
    return lambda tab, net: all(holds(tab, net) for holds in conditions)


# Requests to the test internet


def is_ad(host: str) -> bool:
    """Whether a host is one of the page's ad hosts."""
    return any(fnmatch(host, name) for name in AD_HOSTS)


def ads(net: Internet) -> list[Request]:
    """Return the requests to ad hosts, and the tunnels to dead ones."""
    return [request for request in net.requests if is_ad(request.host)]


def frames(net: Internet) -> list[Request]:
    """Return the requests that only a running ad library sends."""
    return [r for r in ads(net) if any(fnmatch(r.host, name) for name in FRAME_HOSTS)]


def ads_arrive(tab: Tab, net: Internet) -> bool:
    """Check that an ad's frame was answered."""
    return any(request.status == 200 for request in frames(net))


def ads_answer(status: int) -> Holds:
    """Return the condition that ad hosts answer only with this status, and no library ran."""

    def holds(tab: Tab, net: Internet) -> bool:
        return {request.status for request in ads(net)} == {status} and not frames(net)

    return holds


def ads_late(seconds: float) -> Holds:
    """Return the condition that no ad host has answered, or none within so many seconds."""

    def holds(tab: Tab, net: Internet) -> bool:
        asked = ads(net)
        if asked and all(request.status is None for request in asked):
            return True
        return bool(tab.run(LATE, seconds * 1000))

    return holds


def no_ads(tab: Tab, net: Internet) -> bool:
    """Check that the page is complete and sent no request to an ad host."""
    return bool(tab.run(COMPLETE)) and not ads(net)


def ads_stopped(tab: Tab, net: Internet) -> bool:
    """Check that a complete page with ads sent requests only to its other third party."""
    return bool(tab.run(WANTS_ADS) and no_ads(tab, net) and net.seen(HARMLESS_HOST))


def third_parties_fail(tab: Tab, net: Internet) -> bool:
    """Check that an ad host and the other third party were requested, and neither answered."""
    others = [request for request in net.requests if is_ad(request.host) or _harmless(request)]
    dead = [request for request in others if request.status == 0]
    return dead == others and any(map(_harmless, dead)) and not all(map(_harmless, dead))


def _harmless(request: Request) -> bool:
    return request.host == HARMLESS_HOST


def some_ads_stopped(tab: Tab, net: Internet) -> bool:
    """Check that one ad library loaded and the other was blocked, as in privoxy's own lists."""
    reached = {request.host.endswith("doubleclick.net") for request in ads(net)}
    return bool(tab.run(COMPLETE) and reached == {False} and net.seen(HARMLESS_HOST))


def script_cached(tab: Tab, net: Internet) -> bool:
    """Check that the script was fetched once at most, however often the page was loaded."""
    path: str = tab.run("() => new URL(document.head.querySelector('script[src]').src).pathname")
    return sum(request.path == path for request in net.seen(HOST)) <= 1


def saves_data(tab: Tab, net: Internet) -> bool:
    """Check the header of the page's own request."""
    return any(r.path == "/" and r.headers.get("save-data") == "on" for r in net.seen(HOST))


def probe(request: Request) -> Answer:
    """Answer for the probe's host, so that a page can read it."""
    return Answer(PROBE, headers=[("Access-Control-Allow-Origin", "*")])


def word_stopped(path: str) -> Holds:
    """Return the condition that the probe's host is not heard at this path, but at another one."""

    def holds(tab: Tab, net: Internet) -> bool:
        there, stopped = (tab.run(HEARD, [PROBE_HOST, one]) for one in ("/x/page/x.txt", path))
        return bool(there == PROBE and stopped != PROBE)

    return holds


def third_party_scripts_stopped(tab: Tab, net: Internet) -> bool:
    """Check that a script unrelated to ads was blocked, for its host alone."""
    return bool(tab.run(THIRD_PARTY, HARMLESS_HOST)) and not net.seen(HARMLESS_HOST, ".js")


# The state of the page

COMPLETE = "() => document.readyState === 'complete'"
WANTS_ADS = "() => Boolean(document.querySelector('script[src*=\"doubleclick.net\"]'))"
LATE = """(least) => {
  const ads = performance.getEntriesByType("resource")
    .filter((one) => /^https:..[^/]*(googlesyndication|doubleclick)/.test(one.name));
  return ads.length > 0 && ads.every((one) => one.duration >= least);
}"""
HEARD = """([host, path]) => fetch(`${location.protocol}//${host}${path}`, { cache: "no-store" })
  .then((answer) => answer.text()).catch(() => "")"""
THIRD_PARTY = """(host) => new Promise((told) => {
  const element = document.createElement("script");
  element.onload = () => told(false);
  element.onerror = () => told(true);
  element.src = `https://${host}/reader.js`;
  document.head.append(element);
})"""
# 'strict-dynamic' allows a script inserted by another one, but not a handler in the markup.
policy_acts = script(
    """() => {
      const element = document.createElement("i");
      element.setAttribute("onclick", "this.ran = true");
      element.click();
      return !element.ran;
    }"""
)
hides_elements = script(
    """() => {
      const element = document.createElement("div");
      element.className = "adSlot";
      document.body.append(element);
      const hidden = getComputedStyle(element).display === "none";
      element.remove();
      return hidden;
    }"""
)
worker_passes_on = script(
    """() => new Promise((told) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = ({ data }) => told(data.some((url) => /\\.json\\?v=/.test(url)));
      navigator.serviceWorker.controller.postMessage("", [port2]);
    })"""
)
refuses_own = script(
    """() => performance.getEntriesByType("resource")
      .some((one) => one.name.startsWith(location.origin) && one.responseStatus === 403)"""
)
is_private = script("() => navigator.storage.getDirectory().then(() => false, () => true)")
is_narrow = script("() => innerWidth === 390")


def shows_elements(tab: Tab, net: Internet) -> bool:
    """Check that an element that lists hide is unchanged."""
    return not hides_elements(tab, net)
