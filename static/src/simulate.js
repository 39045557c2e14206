/**
 * Loaded by a signed link alone, for owners who set the notice up: shows it as a visitor would see it,
 * or explains the verdict on this page. Nothing is counted.
 */

import { panel } from "./simulate/panel.js";

const me = /** @type {HTMLScriptElement} */ (document.currentScript);
const [token] = Object.values(me.dataset);
const src = new URL(/** @type {string} */ (me.getAttribute("src")), location.href);
const at = (/** @type {string} */ path) => new URL(path, src).href;

/** @param {any} given */
function show({ m, i, n, c, k, s }) {
  const lang = encodeURIComponent(document.documentElement.lang);
  let looks = 0;
  const script = document.createElement("script");
  /** @type {any} */ (script).x = {
    verdict: { state: "blocked", kind: i, signals: {}, ms: 0 },
    config: `${at(c)}?m=${m}&i=${i}&y=&l=${lang}`,
    key: k,
    slots: s,
    thanks: false,
    // First as if nothing had been allowed yet, then as if it had.
    recheck: async () => ({ state: looks++ ? "clear" : "blocked" }),
    say() {},
  };
  script.nonce = me.nonce;
  script.src = at(n);
  document.head.append(script);
  panel([["Preview", `${m}: what a visitor sees. Nothing is counted.`]]);
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
  document.addEventListener("ads:verdict", tell);
  document.dispatchEvent(new CustomEvent("ads:ask", { cancelable: true }));
}

fetch(`${src.href.slice(0, -2)}json?z=${encodeURIComponent(token || "")}`)
  .then((answer) => answer.json())
  .then((given) => {
    const start = () => (given.x ? explain() : show(given));
    if (document.body) start();
    else document.addEventListener("DOMContentLoaded", start);
  })
  // A link that is too old shows the page as it is.
  .catch(() => {});
