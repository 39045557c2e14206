/**
 * Looks whether something acts on this page, says so once, and loads the notice only then.
 *
 * One closure, no global. The page hears CustomEvents on document: "ads:verdict" with the verdict,
 * "ads:notice" with {action}; it may send "ads:ask" to hear the verdict again.
 */

import { decide } from "./decide.js";
import { lookAtElements } from "./elements.js";
import { lookAtRequests } from "./requests.js";

const me = /** @type {HTMLScriptElement} */ (document.currentScript);
const began = performance.now();
/** Resolved against the script, never against the page: a page may have a foreign base. */
const at = (/** @type {string} */ path) => new URL(path, me.src).href;
const token = Object.values(me.dataset)[0] || "";

/** @param {string} type @param {unknown} [detail] */
const fire = (type, detail) =>
  document.dispatchEvent(new CustomEvent("ads:" + type, { detail, cancelable: true }));

/** @type {Verdict | undefined} */
let verdict;
/** @type {Control} */
let control;

/** @param {object} more */
function report(more) {
  const text = JSON.stringify({
    t: control.t,
    p: token,
    s: verdict?.state,
    i: verdict?.kind || "",
    ...more,
  });
  const url = at(control.r);
  if (!navigator.sendBeacon(url, text)) {
    fetch(url, { method: "POST", body: text, keepalive: true }).catch(() => {});
  }
}

/** @param {string} again */
async function ask(again) {
  const letters = "bcfghjkmnpqrvwxz";
  let view = "";
  for (const n of crypto.getRandomValues(new Uint8Array(16))) view += letters[n & 15];
  const robot = navigator.webdriver ? "&w=1" : "";
  const url = me.src.replace(/js$/, "json") + `?v=${view}&p=${token}${robot}${again}`;
  const answer = await (await fetch(url, { cache: "no-store" })).json();
  if (answer.v != view) throw 0;
  return /** @type {Control} */ (answer);
}

/**
 * @param {Control} control
 * @returns {Promise<{verdict: Verdict, missing: number[]}>}
 */
async function look(control) {
  /** @type {() => void} */
  let stop = () => {};
  const enough = new Promise((done) => (stop = () => done(0)));
  const looking = ready.then(() => lookAtElements(control.e, enough));
  const { proven, missing } = await lookAtRequests(control, at, me.nonce);
  if (missing.length > 1) stop();
  // Two rules by request settle it: waiting for the elements would only cost time.
  const hidden = missing.length > 1 ? -1 : await looking;
  const seen = { control: true, proven, missing: missing.length, hidden };
  return { verdict: finish(decide(seen)), missing };
}

/** @param {{state: State, signals: Record<string, Signal>}} decided @returns {Verdict} */
function finish({ state, signals }) {
  return {
    state,
    kind: state == "blocked" ? "extension" : null,
    signals,
    ms: Math.round(performance.now() - began),
  };
}

/** @param {boolean} thanks */
function load(thanks) {
  const script = document.createElement("script");
  /** @type {any} */ (script).x = /** @type {Handoff} */ ({
    verdict,
    config: at(/** @type {string} */ (control.c)),
    key: control.k,
    thanks,
    recheck: async () => (await look(await ask("&a=1"))).verdict,
    say(action) {
      report({ a: action });
      fire("notice", { action });
    },
  });
  script.nonce = me.nonce;
  script.src = at(/** @type {string} */ (control.n));
  document.head.append(script);
}

async function run() {
  /** @type {number[]} */
  let missing = [];
  try {
    control = await ask("");
    // Robots are answered without baits: they are neither counted nor asked.
    if (!control.b) return;
    ({ verdict, missing } = await look(control));
  } catch {
    verdict = finish(decide({ control: false, proven: 0, missing: 0, hidden: -1 }));
  }
  fire("verdict", verdict);
  if (!control) return;
  const { state, signals } = verdict;
  let sent = false;
  const send = () => {
    if (!sent) report({ f: missing, e: signals.elements == "blocked" ? 1 : 0 });
    sent = true;
  };
  if (state == "blocked") send();
  else {
    setTimeout(send, 15e3);
    addEventListener("pagehide", send);
  }
  if (!control.n) return;
  await ready;
  let entry = "";
  try {
    entry = localStorage.getItem(/** @type {string} */ (control.k)) || "";
  } catch {}
  if (state == "blocked" && !(parseInt(entry) > Date.now())) load(false);
  if (state == "clear" && /w$/.test(entry)) load(true);
}

/** @param {string} event @param {() => boolean} there */
const when = (event, there) =>
  new Promise((/** @type {(value: unknown) => void} */ done) => {
    const look = () => there() && done(document.removeEventListener(event, look));
    document.addEventListener(event, look);
    look();
  });

const ready = when("DOMContentLoaded", () => document.readyState != "loading");

// A second copy on the same page leaves at once: the first one answers this.
if (fire("ask")) {
  document.addEventListener("ads:ask", (event) => {
    event.preventDefault();
    if (verdict) fire("verdict", verdict);
  });
  // Runs once a person can see the page: hidden tabs stall blockers and us alike.
  when("visibilitychange", () => document.visibilityState == "visible").then(run);
}
