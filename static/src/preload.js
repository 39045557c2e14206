/**
 * Stands before detect.js on sites that opted in: reuses a verdict of `clear` within a session,
 * takes a navigation inside of the page for a new view, and asks for consent before all else.
 *
 * Its own address tells it what to do: `?FILE.MINUTES-ENTRY.SWITCHES.CONSENT` with the name of
 * detect.js, and of the entry in the storage that memory.js describes; of the switches 1 is
 * single-page, 2 that signals such as GPC forbid to keep anything. detector/core/html/preload.py writes it.
 */

import { isGranted } from "./consent.js";
import { inside, me, src } from "./own_script.js";
import { page } from "./safe.js";

/** More of its requests than this a page does not read from the browser's list; each takes some memory. */
const MOST_REQUESTS = 5000;

/**
 * Without an address to go by nothing is done, nor by a second copy, as a router that merges the next
 * page's <head> may run: somebody answers already.
 */
const [file, reuse = "", switches, consent] = me && page.dispatchEvent(new CustomEvent("ads:ask", { cancelable: true })) ? src.search.slice(1).split(".") : [];
const [minutes, entry = ""] = reuse.split("-");
/** Handed on, since a policy of this name can be made only once. */
let policy = { createScriptURL: String };
try {
  policy = trustedTypes.createPolicy("ads", policy);
} catch {}
/** The entry's name is the file's: neutral, of this site, and gone with the next version. */
const key = file;

/** @returns {Verdict | undefined} */
function kept() {
  try {
    const [at, verdict] = JSON.parse(sessionStorage.getItem(key) || "[]");
    if (Date.now() - at < +minutes * 60e3) return verdict;
  } catch {}
}

/** Whether a verdict may be kept in this session. */
let keeps = +minutes;
const { globalPrivacyControl, doNotTrack } = /** @type {any} */ (navigator);
if (+switches & 2 && (globalPrivacyControl || doNotTrack == "1")) keeps = 0;

/**
 * The page's token, which is the first data attribute; behind it stands "l" where nothing of this
 * view may be counted or kept. page_flags.py has the letters, in the same order.
 *
 * @param {HTMLScriptElement} me
 * @param {string} marks further ones
 */
async function askedToken({ dataset }, marks) {
  const token = Object.values(dataset)[0] || "";
  if (consent && !(await isGranted(consent))) {
    keeps = 0;
    marks += "l";
  }
  return marks && !token.includes("~") ? `${token}~${marks}` : token + marks;
}

async function start() {
  if (!me || !file) return;
  const script = page.createElement("script");
  // After a reused view the page has been counted.
  const token = await askedToken(me, verdict ? "u" : "");
  Object.assign(script.dataset, me.dataset);
  script.dataset[Object.keys(me.dataset)[0]] = token;
  script.nonce = me.nonce;
  /** @type {any} */ (script)._policy = policy;
  script.src = policy.createScriptURL(inside(`${file}.js`));
  me.before(script);
}

/** Counts this view once it is seen, with the verdict that it reuses. @param {HTMLScriptElement} me */
async function count(me) {
  while (page.hidden) await new Promise((go) => page.addEventListener("visibilitychange", go, { once: true }));
  let mark = "";
  try {
    mark = localStorage[entry].slice(-2);
  } catch {}
  const { transferSize, encodedBodySize } = /** @type {any} */ (performance.getEntriesByType("navigation")[0] || {});
  const query = new URLSearchParams({
    // All but the last as in detect.js.
    v: crypto.getRandomValues(new Uint8Array(20)).map((n) => n % 10).join(""),
    p: await askedToken(me, ""),
    w: "" + navigator.webdriver,
    f: "" + page.documentElement.dataset.adFree,
    n: "" + (transferSize < encodedBodySize),
    r: mark,
  });
  fetch(`${inside(`${file}.json`)}?${query}`, { keepalive: true }).catch(() => {});
}

const verdict = kept();
if (verdict && me) {
  count(me);
  const tell = () =>
    page.dispatchEvent(new CustomEvent("ads:verdict", { detail: verdict }));
  /** @param {Event} event */
  const answer = (event) => {
    event.preventDefault();
    tell();
  };
  page.addEventListener("ads:ask", answer);
  // detect.js asks whether somebody is there already: from here on it is to answer itself.
  const anew = () => {
    page.removeEventListener("ads:ask", answer);
    start();
  };
  page.addEventListener("ads:check", anew, { once: true });
  tell();
} else start();

if (keeps) {
  page.addEventListener("ads:verdict", (event) => {
    const { detail } = /** @type {CustomEvent} */ (event);
    try {
      if (detail.state != "clear") sessionStorage.removeItem(key);
      else if (keeps && detail != verdict) sessionStorage.setItem(key, JSON.stringify([Date.now(), detail]));
    } catch {}
  });
}

if (+switches & 1) {
  let path = location.pathname;
  // Once the caller is done: of navigations in one go, such as redirects, only the last one is seen.
  const look = () =>
    Promise.resolve().then(() => {
      if (location.pathname == path) return;
      path = location.pathname;
      page.dispatchEvent(new CustomEvent("ads:check", { detail: { view: true } }));
    });
  addEventListener("popstate", look);
  for (const name of /** @type {const} */ (["pushState", "replaceState"])) {
    const real = history[name];
    history[name] = function (...given) {
      real.apply(this, given);
      look();
    };
  }
  // A script without an entry in this list counts as a blocker's stand-in, and it ends at 250 entries.
  performance.addEventListener?.("resourcetimingbufferfull", () => {
    const { length } = performance.getEntriesByType("resource");
    if (length < MOST_REQUESTS) performance.setResourceTimingBufferSize(length * 2);
    else performance.clearResourceTimings();
  });
}
