/**
 * Loaded by a signed link alone, for owners who set the notice up: shows it as a visitor would see it,
 * or explains the verdict on this page. Nothing is counted.
 */

import { inside, me, src } from "./own_script.js";
import { page } from "./safe.js";
import { panel } from "./simulate/panel.js";

/** @param {HTMLScriptElement} me @param {any} given */
function show(me, { _mode, _kind, _noticeUrl, _textsUrl, _storageKey, _slots }) {
  const lang = encodeURIComponent(page.documentElement.lang);
  let looks = 0;
  const config = `${inside(_textsUrl)}?m=${_mode}&i=${_kind}&y=&l=${lang}`;
  const payload = fetch(config, { credentials: "omit" }).then((reply) => reply.json());
  /** @param {string} path @param {object} handoff */
  const load = (path, handoff) => {
    const script = page.createElement("script");
    /** @type {any} */ (script)._handoff = handoff;
    script.nonce = me.nonce;
    script.src = inside(path);
    page.head.append(script);
  };
  // The notice's script handles a failure, where it arrives.
  payload.catch(() => {});
  load(_noticeUrl, {
    verdict: { state: "blocked", kind: _kind, signals: { requests: "blocked", elements: "blocked" }, ms: 0 },
    config,
    payload,
    key: _storageKey,
    slots: _slots,
    thanks: false,
    // First as if nothing had been allowed yet, then as if it had.
    recheck: async () => ({ state: looks++ ? "clear" : "blocked" }),
    say() {},
    load,
    counts: true,
  });
  panel([["Preview", `${_mode}: what a visitor sees. Nothing is counted.`]]);
}

function explain() {
  const tell = (/** @type {any} */ { detail }) => {
    const { state, kind, ms, signals } = detail;
    panel([
      ["State", state],
      ["Kind", kind || "cannot be told"],
      ["After", `${ms} ms`],
      ...Object.entries(signals).map(([name, signal]) => [name, String(signal)]),
    ]);
  };
  page.addEventListener("ads:verdict", tell);
  page.dispatchEvent(new CustomEvent("ads:ask", { cancelable: true }));
}

/** @param {HTMLScriptElement} me */
async function run(me) {
  const [token] = Object.values(me.dataset);
  const url = `${src.href.slice(0, -2)}json?z=${encodeURIComponent(token || "")}`;
  const given = await (await fetch(url)).json();
  const start = () => (given._explains ? explain() : show(me, given));
  if (page.body) start();
  else page.addEventListener("DOMContentLoaded", start);
}

// A link that is too old shows the page as it is.
if (me) run(me).catch(() => {});
