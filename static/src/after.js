/**
 * What follows from a verdict that is not plainly `clear`: the kind, and the notice. Loaded only
 * then; detect.js alone decides the state.
 */

import { lookAtHosts } from "./hosts.js";
import { kindOf } from "./kind.js";
import { lookAtSlots } from "./slots.js";

const me = /** @type {any} */ (document.currentScript);
const given = /** @type {Findings | undefined} */ (me.p);

/** @param {Findings} given @param {boolean} thanks */
function show({ verdict, n, c, k, at, report, fire, look, ask }, thanks) {
  const script = document.createElement("script");
  /** @type {any} */ (script).x = /** @type {Handoff} */ ({
    verdict,
    config: at(/** @type {string} */ (c)),
    key: k,
    thanks,
    recheck: async () => (await look(await ask("&a=1")))[0],
    say(action) {
      report({ a: action });
      fire("notice", { action });
    },
  });
  script.nonce = me.nonce;
  script.src = at(/** @type {string} */ (n));
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

/** @param {Findings} given */
async function follow(given) {
  const { verdict, queue, k, s, u } = given;
  verdict.signals.slots = lookAtSlots(s);
  if (u && verdict.state == "clear") await lookAtHosts(u, given).catch(() => {});
  verdict.kind = kindOf(given);
  // Once in the life of a document: on a page that changes in place it may still stand there.
  if (given.tell() && given.n && !queue.notice) {
    const entry = chosen(/** @type {string} */ (k));
    const quiet = parseInt(entry) > Date.now();
    const thanks = verdict.state == "clear" && /w$/.test(entry);
    if (thanks || (verdict.state == "blocked" && !quiet)) {
      queue.notice = true;
      show(given, thanks);
    }
  }
}

if (given) {
  // The first script waits for this sign, and tells the verdict itself where it does not come.
  me.x = given.x;
  // Whatever went wrong: what the first script found is told.
  follow(given).catch(given.tell);
}
