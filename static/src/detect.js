/**
 * Looks whether something acts on this page and says so; runs on every page.
 *
 * One closure, no global. The page hears CustomEvents on document: "ads:verdict" with the verdict,
 * "ads:notice" with {action}. It may send "ads:ask" to hear the verdict again, and "ads:check" to
 * have the page looked at anew. What follows from a verdict is in followup.js.
 */

import { lookAtAds } from "./probes/ads.js";
import { decide } from "./decide.js";
import { lookAtElements } from "./probes/elements.js";
import { load, lookAtRequests } from "./probes/requests.js";
import { pause } from "./pause.js";
import { inside, me, page, src } from "./safe.js";

/** So long the rest of a page is waited for, where ads fail and nothing else foreign has arrived. */
const PATIENCE = 5e3;

const began = Date.now();
const { dataset = {}, nonce = "" } = /** @type {Partial<HTMLScriptElement>} */ (me || {});
const token = Object.values(dataset)[0];
/** The tag's inline line leaves its queue on it. @type {any} */
const event = new Event("load");
me?.dispatchEvent(event);
const queue = event.q || [];

/** What a page under Trusted Types lets load scripts; elsewhere plain texts do. */
let policy = { createScriptURL: String };
const at = (/** @type {string} */ path) => policy.createScriptURL(inside(path));

/** @param {string} type @param {unknown} [detail] */
const fire = (type, detail) =>
  page.dispatchEvent(new CustomEvent("ads:" + type, { detail, cancelable: true }));

/** @param {string} event @param {() => boolean} there */
const when = (event, there) =>
  new Promise((/** @type {(value: string) => void} */ done) => {
    const look = () => there() && done("");
    page.addEventListener(event, look);
    look();
  });

const ready = when("readystatechange", () => page.readyState != "loading");

/** @type {Verdict | undefined} */
let verdict;
/** Counts the looks: of two at once only the younger one is heard. */
let turn = 0;
/** Ends the last view: sends what is still to be sent. */
let end = () => {};

/** @param {string} more @returns {Promise<Control>} */
async function ask(more) {
  // Twenty digits: letters could spell what a list looks for.
  const view = crypto.getRandomValues(new Uint8Array(20)).map((n) => n % 10).join("");
  // The control has the script's name, with .json for .js.
  const url = `${src}on?v=${view}&p=${token}&w=${navigator.webdriver}${more}`;
  const answer = await (await fetch(url)).json();
  if (answer.v == view) return answer;
  throw 0;
}

/** @param {Control} control @returns {Promise<Look>} */
async function look(control) {
  /** @type {number[]} */
  const missing = [];
  const looking = ready.then(() => lookAtElements(control, missing)).catch(() => -1);
  const asking = lookAtRequests(control, missing, at, nonce);
  let proven = 0;
  // Two rules by element are enough, and mostly seen sooner than requests fail.
  let hidden = await Promise.race([looking, asking.then(() => -1)]);
  if (hidden < 2) {
    proven = await asking;
    // So are two by request: a page that is still loading need not be waited for.
    if (missing.length < 2 || page.readyState != "loading") hidden = await looking;
  }
  /** @param {any} [loading] */
  const decided = (loading) =>
    decide(proven, missing.length, hidden, lookAtAds(queue, control.h, loading));
  let found = decided(1);
  // Ads that failed may only have been the first: what else is foreign is waited for.
  if (found[0] == "unknown") {
    await Promise.race([
      when("readystatechange", () => page.readyState == "complete"),
      pause(PATIENCE),
    ]);
    found = decided();
  }
  return [name(...found), missing];
}

/** The kind is left to the second script. @param {State} state @param {Verdict["signals"]} signals */
const name = (state, signals) => ({ state, kind: null, signals, ms: Date.now() - began });

/**
 * Looks, tells the verdict and reports it once; leaves what else there is to find to the second
 * script.
 *
 * @param {string} again
 */
async function run(again) {
  if (!again) turn++, end();
  const mine = turn;
  try {
    const control = await ask(again);
    // Robots are answered without baits: they are neither counted nor asked.
    if (!control.b) return;
    /** @type {[any, number[]]} */
    const [found, missing] = await look(control);
    /** @param {object} what */
    const report = (what) =>
      control.r &&
      navigator.sendBeacon(
        at(control.r),
        // Firewalls refuse text/plain by default, as which a beacon sends a string.
        new Blob([JSON.stringify({ t: control.t, p: token, s: found.state, i: found.kind, ...what })], {
          type: "application/json",
        }),
      );
    /** 1 once the verdict is told, 2 once it is sent. */
    let stage = 0;
    const tell = () => {
      if (mine == turn && !stage++) {
        fire("verdict", (verdict = found));
        if (!again) {
          end = () => {
            send();
            queue.length = 0;
            delete queue.push;
          };
          setTimeout(send, found.state == "blocked" ? 0 : 12e3);
        }
      }
      return mine == turn;
    };
    const send = () => {
      if (stage++ > 1) return;
      // From here on nothing is noted any more, however long the view lasts.
      queue.push = () => 0;
      // An ad request that failed only now: the one way in which a verdict may change.
      if (found.state == "clear" && lookAtAds(queue, control.h) == "blocked") {
        found.state = "unreachable";
        fire("verdict", (verdict = { ...found, revised: true }));
      }
      /** @type {string | undefined} */
      let r;
      try {
        // Here and not before: a page's first look into its storage stops the main thread for a while.
        r = localStorage[/** @type {string} */ (control.k)].slice(-2);
      } catch {}
      report({ f: missing, e: found.signals.elements, r });
    };
    /** @type {Findings} */
    const findings = { ...control, verdict: found, queue, at, report, fire, look, ask, tell };
    // Whoever allowed ads loads the page again (not 0): what is kept of that the second script knows.
    const more = found.state != "clear" || control.u || performance.navigation?.type;
    // The second script tells the verdict, once it has added what it knows.
    if (!more || !(await load(0, at(control.a), findings, nonce))) tell();
  } catch {
    if (mine == turn) fire("verdict", (verdict = name("unknown", {})));
  }
}

// A second copy on the same page leaves at once: the first one answers this.
if (me && fire("ask")) {
  try {
    policy = /** @type {any} */ (me).t || trustedTypes.createPolicy("ads", policy);
  } catch {}
  page.addEventListener("ads:ask", (event) => {
    event.preventDefault();
    if (verdict) fire("verdict", verdict);
  });
  // With a detail it is a new view, of a page that changes in place; else only another look.
  page.addEventListener("ads:check", (/** @type {any} */ event) =>
    run(event.detail ? "" : "&a=1"));
  addEventListener("pagehide", () => end());
  addEventListener("pageshow", (event) => event.persisted && run(""));
  // Runs once a person can see the page: hidden tabs stall blockers and us alike.
  when("visibilitychange", () => !page.hidden).then(run);
}
