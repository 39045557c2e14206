"""Reads the answer of a detector on a page."""

from __future__ import annotations

from bench.matrix.environment import Answer, Environment, Read, Tab

# A verdict may be revised once, until two seconds after load, from clear to unreachable.
OURS = """([patience, revised]) => new Promise((told) => {
  setTimeout(told, patience, { state: "none", kind: null });
  document.addEventListener("ads:verdict", ({ detail }) => {
    const all = { state: detail.state, kind: detail.kind, signals: detail.signals, ms: detail.ms,
      revised: Boolean(detail.revised) };
    if (revised && detail.state === "clear") setTimeout(told, 17000, all);
    else told(all);
  });
  document.dispatchEvent(new CustomEvent("ads:ask", { cancelable: true }));
})"""
# The absence of a verdict has no event. Instead: every script has run by the load event, and the
# detector's first request, the bootstrap, is sent before a request after that event.
UNSEEN = """async () => {
  const loaded = new Promise((done) => addEventListener("load", done));
  if (document.readyState !== "complete") await loaded;
  await (await fetch(location.href, { cache: "no-store" })).text();
  let said = "none";
  const hear = ({ detail }) => { said = detail.state; };
  document.addEventListener("ads:verdict", hear);
  document.dispatchEvent(new CustomEvent("ads:ask", { cancelable: true }));
  document.removeEventListener("ads:verdict", hear);
  const asked = performance.getEntriesByType("resource")
    .some((one) => /\\.json\\?v=/.test(one.name));
  return said === "none" && asked ? "too early" : said;
}"""
PEER = """(patience) => new Promise((told) => {
  const end = Date.now() + patience;
  (function look() {
    const answer = document.documentElement.dataset.told;
    if (answer || Date.now() > end) told(answer || "none");
    else setTimeout(look, 20);
  })();
})"""
PATIENCE = 20_000
# Some wait for the load event and answer late on slow pages: that is no false verdict.
PEER_PATIENCE = 8_000


def ours(environment: Environment) -> Read:
    """Return a reader of the detector's verdict, after its revision if one is expected."""
    wanted = {state for state, _ in environment.wanted}

    def read(tab: Tab) -> Answer:
        patience = 30_000 if "clear" not in wanted else PATIENCE
        answer: Answer = tab.run(OURS, [patience, not _says_clear(wanted)])
        return answer

    return read


def _says_clear(states: set[str]) -> bool:
    return any(state.endswith("clear") for state in states)


def unseen(tab: Tab) -> str:
    """Return the answer on a hidden page: `none`, `too early` or a state."""
    said: str = tab.run(UNSEEN)
    return said


def peer(tab: Tab) -> Answer:
    """Read the answer of another detector: true, false, or none within the time."""
    return {"state": tab.run(PEER, PEER_PATIENCE)}
