/**
 * Looks whether something acts on this page and says so; runs on every page.
 *
 * One closure, no global. The page hears CustomEvents on document: "ads:verdict" with the verdict,
 * "ads:notice" with {action}. It may send "ads:ask" to hear the verdict again, and "ads:check" to
 * have the page looked at anew. What follows from a verdict is in followup.js.
 */

import { LOADING, lookAtAds } from "./probes/ads.js";
import { SCRIPT } from "./bootstrap.js";
import { decide } from "./decide.js";
import { lookAtElements } from "./probes/elements.js";
import { load, lookAtRequests } from "./probes/requests.js";
import { inside, me, src } from "./own_script.js";
import { pause } from "./pause.js";
import { page } from "./page.js";

/** So long the rest of a page is waited for, where ads fail and nothing else foreign has arrived. */
const PATIENCE = 5e3;
/** So long after the load event ads may still fail; docs/decisions/0110-clear-is-sent-early.md. */
const SETTLED = 2e3;
/** So much later the browser sends what it keeps. */
const MARGIN = 1e3;

const began = Date.now();
/** The tag's inline line leaves its queue on it. @type {any} */
const event = new Event("load");
me?.dispatchEvent(event);
const queue = event._queue || [];

/** What a page under Trusted Types lets load scripts; elsewhere plain texts do. */
let policy = { createScriptURL: String };
const at = (/** @type {string} */ path) => policy.createScriptURL(inside(path));

/** @param {string} type @param {unknown} [detail] */
const fire = (type, detail) =>
  page.dispatchEvent(new CustomEvent("ads:" + type, { detail, cancelable: true }));
/** @param {Verdict} now */
const say = (now) => fire("verdict", (verdict = now));

/** @param {string} event @param {() => unknown} there */
const when = (event, there) =>
  new Promise((/** @type {(value: string) => void} */ done) => {
    const look = () => there() && done("");
    page.addEventListener(event, look);
    look();
  });

// Once for all views of a document. Its states in the order of the alphabet: complete, interactive, loading.
const parsed = when("readystatechange", () => page.readyState < "l");
const loaded = when("readystatechange", () => page.readyState < "d");

/** @type {Verdict | undefined} */
let verdict;
/** Counts the looks: of two at once only the younger one is heard. */
let turn = 0;
/** Sends what is still to be sent of the last view that was told. @type {((stays?: unknown) => void) | undefined} */
let end;

/** Notes nothing any more, and sends what is still to be sent. */
const leave = () => {
  queue.push = () => 0;
  end?.();
};

/**
 * Fetches the bootstrap; nothing, at which whoever uses it throws, where another view's answer comes,
 * as from a cache.
 *
 * @param {string} more @returns {Promise<any>}
 */
async function ask(more) {
  // Twenty digits: letters could spell what a list looks for.
  const view = crypto.getRandomValues(new Uint8Array(20)).map((n) => n % 10).join("");
  // Less than the page itself came over the network: it is from a cache. Zeros where it still loads.
  const [nav = {}] = /** @type {any} */ (performance.getEntriesByType("navigation"));
  // The bootstrap has the script's name, with .json for .js.
  const answer = await (
    await fetch(
      `${src}on?v=${view}&p=${Object.values(/** @type {any} */ (me).dataset)[0]}&w=${navigator.webdriver}&f=${page.documentElement.dataset.adFree}&n=${turn > 1 || nav.transferSize < nav.encodedBodySize}${more}`,
    )
  ).json();
  if (answer._view == view) return answer;
}

/**
 * @param {Bootstrap} bootstrap
 * @param {number[]} missing takes the numbers of the baits that do not arrive
 */
async function look(bootstrap, missing) {
  const looking = parsed.then(() => lookAtElements(bootstrap)).catch(() => -1);
  const asking = lookAtRequests(bootstrap, missing, at);
  let proven = 0;
  // Two rules by element are enough, and mostly seen sooner than requests fail.
  let hidden = await Promise.race([looking, asking.then(() => -1)]);
  if (hidden < 2) {
    proven = await asking;
    // So are two by request: the elements, and a page that is still loading, are not waited for.
    if (missing.length < 2) hidden = await looking;
  }
  /** @param {number} [seen] */
  const decided = (seen) =>
    decide(proven, missing.length, hidden, lookAtAds(queue, bootstrap._adHosts, seen));
  let found = decided(LOADING);
  // Ads that failed may only have been the first: what else is foreign is waited for.
  if (found.state == "unknown") {
    await Promise.race([loaded, pause(PATIENCE)]);
    found = decided();
  }
  return complete(found);
}

/** The kind is left to the second script. @param {ReturnType<typeof decide>} decision @returns {Verdict} */
const complete = (decision) => ({ kind: null, ms: Date.now() - began, ...decision });

/**
 * Looks, tells the verdict and reports it once; leaves what else there is to find to the second
 * script.
 *
 * @param {string} again
 */
async function run(again) {
  if (!again) {
    turn++;
    if (end) {
      end();
      queue.length = 0;
      delete queue.push;
    }
  }
  const mine = turn;
  try {
    const bootstrap = await ask(again);
    // Robots are answered without baits: they are neither counted nor asked.
    if (!bootstrap._baits) return;
    /** @type {number[]} */
    const _failed = [];
    const found = await look(bootstrap, _failed);
    /** @param {Partial<Report>} more @param {(url: any, body: string) => unknown} [send] */
    // A string would go as text/plain, which firewalls refuse by default.
    const report = (
      more,
      // Arrives even from a page that is being left.
      send = (url, body) => navigator.sendBeacon(url, new Blob([body], { type: "application/json" })),
    ) =>
      bootstrap._reportUrl &&
      send(
        at(bootstrap._reportUrl),
        JSON.stringify({
          _viewToken: bootstrap._token,
          _pageToken: Object.values(/** @type {any} */ (me).dataset)[0],
          _state: found.state,
          _kind: found.kind,
          ...more,
        }),
      );
    /** Takes back the report that the browser keeps, its `_kept`; nothing once another one is sent. @type {any} */
    let later = new AbortController();
    /** What the report adds to the verdict, from when it is told. @type {any} */
    let ended;
    const tell = () => {
      if (!ended && mine == turn) {
        ended = { _failed, _elements: found.signals.elements };
        say(found);
        if (!again) {
          end = finish;
          // Blocked and unreachable are final, and the page may be about to go away, as may a hidden
          // one. Where ads arrive, a note that they were allowed may still be kept.
          if (page.hidden) finish();
          // In a task of its own: the browser takes a while for each request, and the notice's go first.
          else if (found.state.includes("b")) setTimeout(finish);
          else
            loaded.then(() => {
              try {
                // Sent by the browser itself soon after the verdict is final, or where the page goes without a
                // word: a crash, a full memory. Throws where the report is sent already.
                later._kept = report(ended, (url, body) => fetchLater(url, { method: "post", signal: later.signal, activateAfter: SETTLED + MARGIN, headers: { "content-type": "application/json" }, body }));
              } catch {}
              setTimeout(finish, SETTLED, later?._kept);
            });
        }
      }
      return mine == turn;
    };
    /** @param {unknown} [stays] what the browser keeps, where the page stays open so that it may send that */
    const finish = (stays) => {
      if (!later || later._kept?.activated) return;
      // From here on nothing is noted any more, however long the view lasts.
      queue.push = () => 0;
      // An ad request that failed only now: the one way in which a verdict may change.
      if (found.state == "clear" && lookAtAds(queue, bootstrap._adHosts) == "blocked") {
        found.state = "unreachable";
        stays = 0;
        say({ ...found, revised: true });
      }
      // Where nothing is counted nothing is read or kept.
      if (bootstrap._reportUrl)
        try {
          // Here and not before: a page's first look into its storage stops the main thread for a while.
          ended._recovered = localStorage[bootstrap._storageKey].slice(-2);
          stays = 0;
          // What the session's entry ends with waits for this view, see memory.js.
          if (found.state == "clear") sessionStorage[bootstrap._storageKey] = (ended._session = sessionStorage[bootstrap._storageKey]).trim();
        } catch {}
      // A page that is left takes it back: sent by the browser, it would pass for the next page's request.
      // Last: Firefox may break this off in a handler of pagehide, and then calls that of visibilitychange.
      stays || (later = later.abort(report(ended)));
    };
    /** @type {Findings} */
    const findings = { ...bootstrap, _verdict: found, _queued: queue, _at: at, _report: report, _fire: fire, _look: look, _ask: ask, _tell: tell, _lookAtAds: lookAtAds };
    // Whoever allowed ads loads the page again (not 0): what is kept of that the second script knows.
    const more = found.state != "clear" || bootstrap._hostRequests || performance.navigation?.type;
    // The second script tells the verdict, once it has added what it knows.
    if (!more || !(await load(SCRIPT, at(bootstrap._followupUrl), findings))) tell();
  } catch {
    if (mine == turn) say(complete({ state: "unknown", signals: {} }));
  }
}

// A second copy on the same page leaves at once: the first one answers this.
if (me && fire("ask")) {
  try {
    policy = /** @type {any} */ (me)._policy || trustedTypes.createPolicy("ads", policy);
  } catch {}
  page.addEventListener("ads:ask", (event) => {
    event.preventDefault();
    if (verdict) say(verdict);
  });
  // With a detail it is a new view, of a page that changes in place; else only another look.
  page.addEventListener("ads:check", (/** @type {any} */ event) =>
    run(event.detail ? "" : "&a=1"));
  // From then on Firefox cuts what is under way, long before it hides the page; phones have pagehide alone.
  addEventListener("beforeunload", leave);
  addEventListener("pagehide", leave);
  // Runs once a person can see the page: hidden tabs stall blockers and us alike. Hidden from then on,
  // it may end without a word.
  when("visibilitychange", () => !page.hidden || end?.()).then(run);
}
