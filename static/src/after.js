/**
 * What follows from a verdict that is not plainly `clear`: the kind, and the notice. Loaded only
 * then; detect.js alone decides the state.
 */

import { kindOf } from "./kind.js";
import { lookAtSlots } from "./slots.js";

const me = /** @type {any} */ (document.currentScript);
const given = /** @type {Findings | undefined} */ (me.p);

/** @param {Findings} given @param {boolean} thanks */
function show({ verdict, control, at, report, fire, look, ask }, thanks) {
  const script = document.createElement("script");
  /** @type {any} */ (script).x = /** @type {Handoff} */ ({
    verdict,
    config: at(/** @type {string} */ (control.c)),
    key: control.k,
    thanks,
    recheck: async () => (await look(await ask("&a=1")))[0],
    say(action) {
      report({ a: action });
      fire("notice", { action });
    },
  });
  script.nonce = me.nonce;
  script.src = at(/** @type {string} */ (control.n));
  document.head.append(script);
}

/** @param {string} key @returns {string} what the visitor chose earlier on this site */
function chosen(key) {
  try {
    return localStorage.getItem(key) || "";
  } catch {
    return "";
  }
}

if (given) {
  // The first script waits for this sign, and tells the verdict itself where it does not come.
  me.x = given.x;
  const { verdict, control } = given;
  verdict.signals.slots = lookAtSlots(control.s);
  verdict.kind = kindOf(given);
  given.tell();
  if (control.n) {
    const entry = chosen(/** @type {string} */ (control.k));
    const quiet = parseInt(entry) > Date.now();
    if (verdict.state == "blocked" && !quiet) show(given, false);
    if (verdict.state == "clear" && /w$/.test(entry)) show(given, true);
  }
}
