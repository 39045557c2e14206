/**
 * Looks whether something acts on this page and says so; runs on every page.
 *
 * One closure, no global. The page hears CustomEvents on document: "ads:verdict" with the verdict,
 * "ads:notice" with {action}. It may send "ads:ask" to hear the verdict again, and "ads:check" to
 * have the page looked at anew. What follows from a verdict is in after.js.
 */

import { lookAtAds } from "./ads.js";
import { decide } from "./decide.js";
import { lookAtElements } from "./elements.js";
import { load, lookAtRequests } from "./requests.js";

const me = /** @type {HTMLScriptElement} */ (document.currentScript);
const began = Date.now();
const queue = /** @type {any} */ (me.previousElementSibling)?.q || [];
const token = Object.values(me.dataset)[0] || "";

/** Where we come from. @type {URL} */
let src;
const at = (/** @type {string} */ path) => new URL(path, src) + "";

/** @param {string} type @param {unknown} [detail] */
const fire = (type, detail) =>
  document.dispatchEvent(new CustomEvent("ads:" + type, { detail, cancelable: true }));

/** @param {string} event @param {() => boolean} there */
const when = (event, there) =>
  new Promise((/** @type {(value: unknown) => void} */ done) => {
    const look = () => there() && done(document.removeEventListener(event, look));
    document.addEventListener(event, look);
    look();
  });

const ready = when("DOMContentLoaded", () => document.readyState != "loading");

/** @type {Verdict | undefined} */
let verdict;

/** @param {string} more @returns {Promise<Control>} */
async function ask(more) {
  // Never resolved against the page's base, as the property `src` is: that may be a foreign one.
  src = new URL(/** @type {any} */ (me.getAttribute("src")), /** @type {any} */ (location));
  // Twenty digits: letters could spell what a list looks for.
  const view = crypto.getRandomValues(new Uint8Array(20)).map((n) => n % 10).join("");
  // The control has the script's name, with .json for .js.
  const url = `${src}on?v=${view}&p=${token}&w=${navigator.webdriver}${more}`;
  const answer = await (await fetch(url, { cache: "no-store" })).json();
  if (answer.v != view) throw 0;
  return answer;
}

/** @param {Control} control @returns {Promise<Look>} */
async function look(control) {
  let hidden = -1;
  /** @type {(value?: unknown) => void} */
  let settle = () => {};
  const settled = new Promise((done) => (settle = done));
  const looking = ready.then(() => lookAtElements(control, settled)).catch(() => -1);
  const [proven, missing] = await lookAtRequests(control, at, me.nonce);
  if (missing.length > 1) settle();
  // Two rules by request are enough: a page that is still loading need not be waited for.
  if (missing.length < 2 || document.readyState != "loading") hidden = await looking;
  const [state, signals] = decide(
    proven,
    missing.length,
    hidden,
    ...lookAtAds(queue, control.h),
  );
  return [name(state, signals), missing];
}

/** The kind is left to the second script. @param {State} state @param {Verdict["signals"]} signals */
const name = (state, signals) => ({ state, kind: null, signals, ms: Date.now() - began });

/** @param {string} more */
async function run(more) {
  try {
    const control = await ask(more);
    // Robots are answered without baits: they are neither counted nor asked.
    if (control.b) follow(control, await look(control));
  } catch {
    fire("verdict", (verdict = name("unknown", {})));
  }
}

/**
 * Tells the verdict and reports it once; leaves what else there is to find to the second script.
 *
 * @param {Control} control @param {Look} found
 */
async function follow(control, [found, missing]) {
  /** @param {object} more */
  const report = (more) =>
    navigator.sendBeacon(
      at(control.r),
      JSON.stringify({ t: control.t, p: token, s: found.state, i: found.kind, ...more }),
    );
  let told = 0;
  const tell = () => {
    if (told++) return;
    fire("verdict", (verdict = found));
    if (found.state == "blocked") send();
    setTimeout(send, 15e3);
    addEventListener("pagehide", send);
  };
  let sent = 0;
  const send = () => {
    if (sent++) return;
    // From here on nothing is noted any more, however long the page lives.
    queue.push = () => 0;
    // An ad request that failed only now: the one way in which a verdict may change.
    if (found.state == "clear" && lookAtAds(queue, control.h)[0] == "blocked") {
      found.state = "unreachable";
      fire("verdict", (verdict = { ...found, revised: true }));
    }
    report({ f: missing, e: found.signals.elements == "blocked" });
  };
  let waits;
  try {
    waits = /w$/.test(localStorage[/** @type {string} */ (control.k)]);
  } catch {}
  if (found.state != "clear" || waits) {
    /** @type {Findings} */
    const findings = { x: "1", w: 0, verdict: found, control, queue, at, report, fire, look, ask, tell };
    if ((await load(0, at(control.a), findings, me.nonce)) == 1) return;
  }
  tell();
}

// A second copy on the same page leaves at once: the first one answers this.
if (fire("ask")) {
  document.addEventListener("ads:ask", (event) => {
    event.preventDefault();
    if (verdict) fire("verdict", verdict);
  });
  // With a detail it is a new view, of a page that changes in place; else only another look.
  document.addEventListener("ads:check", (/** @type {any} */ { detail }) => run(detail ? "" : "&a=1"));
  addEventListener("pageshow", (event) => event.persisted && run(""));
  // Runs once a person can see the page: hidden tabs stall blockers and us alike.
  when("visibilitychange", () => document.visibilityState == "visible").then(() => run(""));
}
