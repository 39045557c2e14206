/**
 * Stands before detect.js on sites that opted in: reuses a verdict of `clear` within a session,
 * takes a navigation inside of the page for a new view, and asks for consent before all else.
 *
 * Its own address tells it what to do: `?FILE.MINUTES.SWITCHES.CONSENT` with the name of detect.js;
 * of the switches 1 is single-page, 2 that signals such as GPC forbid to keep anything.
 * detector/core/html/preload.py writes it.
 */

import { isGranted } from "./consent.js";
import { inside, me, page, src } from "./safe.js";

/** Without an address to go by nothing is done. */
const [file, minutes, switches, consent] = me ? src.search.slice(1).split(".") : [];
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

async function start() {
  if (!me) return;
  const granted = !consent || (await isGranted(consent));
  if (!granted) keeps = 0;
  const script = page.createElement("script");
  // Behind the page's token, which is the first data attribute, stands that nothing of this view may be counted or kept.
  let mark = granted ? "" : "l";
  for (const { name, value } of me.attributes) {
    if (!name.startsWith("data-")) continue;
    script.setAttribute(name, mark && !value.includes("~") ? `${value}~${mark}` : value + mark);
    mark = "";
  }
  script.nonce = me.nonce;
  /** @type {any} */ (script).t = policy;
  script.src = policy.createScriptURL(inside(`${file}.js`));
  me.before(script);
}

const verdict = kept();
if (verdict) {
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
  const look = () => {
    if (location.pathname == path) return;
    path = location.pathname;
    page.dispatchEvent(new CustomEvent("ads:check", { detail: { view: true } }));
  };
  addEventListener("popstate", look);
  for (const name of /** @type {const} */ (["pushState", "replaceState"])) {
    const real = history[name];
    history[name] = function (...given) {
      real.apply(this, given);
      look();
    };
  }
}
