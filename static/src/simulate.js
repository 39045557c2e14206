/**
 * Loaded by a signed link alone, for owners who set the notice up: shows it as a visitor would see it,
 * or explains the verdict on this page. Nothing is counted.
 */

import { inside, me, page, src } from "./safe.js";
import { panel } from "./simulate/panel.js";

/** @param {HTMLScriptElement} me @param {any} given */
function show(me, { m, i, n, c, k, s }) {
  const lang = encodeURIComponent(page.documentElement.lang);
  let looks = 0;
  const script = page.createElement("script");
  /** @type {any} */ (script).x = {
    verdict: { state: "blocked", kind: i, signals: {}, ms: 0 },
    config: `${inside(c)}?m=${m}&i=${i}&y=&l=${lang}`,
    key: k,
    slots: s,
    thanks: false,
    // First as if nothing had been allowed yet, then as if it had.
    recheck: async () => ({ state: looks++ ? "clear" : "blocked" }),
    say() {},
  };
  script.nonce = me.nonce;
  script.src = inside(n);
  page.head.append(script);
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
  page.addEventListener("ads:verdict", tell);
  page.dispatchEvent(new CustomEvent("ads:ask", { cancelable: true }));
}

/** @param {HTMLScriptElement} me */
async function run(me) {
  const [token] = Object.values(me.dataset);
  const url = `${src.href.slice(0, -2)}json?z=${encodeURIComponent(token || "")}`;
  const given = await (await fetch(url)).json();
  const start = () => (given.x ? explain() : show(me, given));
  if (page.body) start();
  else page.addEventListener("DOMContentLoaded", start);
}

// A link that is too old shows the page as it is.
if (me) run(me).catch(() => {});
