/**
 * What follows from a verdict that is not plainly `clear`: the kind, and the notice. Loaded only
 * then; detect.js alone decides the state.
 */

import { lookAtHosts } from "./probes/hosts.js";
import { kindOf } from "./kind.js";
import { format, read, readSession, write, writeSession } from "./memory.js";
import { drawn, due, modeFor } from "./plan.js";
import { me, page } from "./safe.js";
import { lookAtSlots } from "./probes/slots.js";

const given = /** @type {Findings | undefined} */ (/** @type {any} */ (me)?.p);

/**
 * Asks the visitor in one mode; most of them need the notice's own script.
 *
 * @param {Findings} given @param {string} mode @param {string} variant @param {any} thanks the mark, where the page
 *   was loaded again and ads arrive: only say thank you
 */
function show({ verdict, n, c, d, k = "", r, s, at, report, fire, look, ask }, mode, variant, thanks) {
  const script = page.createElement("script");
  const kind = thanks[1] || verdict.kind || "unsure";
  const away = verdict.state == "unreachable" ? "&s=1" : "";
  const config = `${at(/** @type {string} */ (c))}?m=${mode}&i=${kind}&y=${variant}${away}&l=${encodeURIComponent(page.documentElement.lang)}`;
  const handoff = /** @type {Handoff} */ ({
    verdict,
    config,
    key: k,
    slots: s,
    thanks,
    recheck: async () => (await look(await ask("&a=1")))[0],
    say(action, lang) {
      report({ a: action, i: kind, m: mode, y: variant, l: lang });
      // Where views are counted: those with ads from here on are what the notice won back.
      if (r && action == "allowed") write(k, "0 0 0 a" + kind[0]);
      fire("notice", { action });
    },
  });
  if (mode == "custom") return fire("notice", { action: "ask", ...handoff });
  if (mode == "redirect") {
    const { href } = new URL(/** @type {string} */ (d), location.href);
    // The page that it leads to may carry the tag too.
    if (!location.href.startsWith(href)) handoff.say("shown"), location.assign(href);
    return;
  }
  // At once and not by the notice's own script: a slow connection then waits once, not twice.
  handoff.payload = fetch(config, { credentials: "omit" }).then((reply) => reply.json());
  // Where that script does not come, nobody else would hear of a failure.
  handoff.payload.catch(() => {});
  /** @type {any} */ (script).x = handoff;
  script.nonce = /** @type {HTMLScriptElement} */ (me).nonce;
  script.src = at(/** @type {string} */ (n));
  page.head.append(script);
}

/**
 * Whoever is to be kept out is looked at twice: the second time by other requests alone, so that
 * hidden elements never raise a wall.
 *
 * @param {Findings} given
 */
async function isSure({ look, ask }) {
  const control = await ask("&a=1");
  const [verdict] = await look({ ...control, e: control.e.slice(0, 1) });
  return verdict.state == "blocked";
}

/** @param {Findings} given */
async function consider(given) {
  const { verdict, queue, f, k = "", m, o, y } = given;
  const memory = read(k);
  const [shown, kept] = readSession(k);
  const waits = memory.mark > "b";
  const thanks = verdict.state == "clear" && waits && memory.mark;
  const asks = verdict.state == "blocked";
  if (!thanks && !asks && !(o && verdict.state == "unreachable")) return;
  const [variant, , modes] = y ? drawn(y, kept, Math.random()) : ["", 1, m];
  let mode = asks ? modeFor(/** @type {Modes} */ (modes), verdict.kind) : "slot";
  if (thanks) mode = "corner";
  else {
    if (asks) {
      memory.views++;
      // Blocked again after they had been allowed: all begins anew, and nothing is won back any more.
      if (memory.mark[0] == "a") write(k, "0 0 1 -");
      else if (f && f[0] + f[1] > 2) write(k, format(memory));
    }
    // What asks for nothing goes by no count of blocked views.
    const rules = f && (asks ? f : [0, 1, f[2]]);
    if (mode == "none" || !(waits || due(memory, rules, shown, Date.now()))) return;
    if (/^(hard|red)/.test(mode) && !(await isSure(given))) mode = "corner";
    if (f && (f[2] || variant)) writeSession(k, true, variant);
  }
  queue.notice = true;
  show(given, mode, variant, thanks);
}

/** @param {Findings} given */
async function follow(given) {
  const { verdict, queue, s, u } = given;
  verdict.signals.slots = lookAtSlots(s);
  if (u && verdict.state == "clear") await lookAtHosts(u, given).catch(() => {});
  verdict.kind = kindOf(given);
  // Once in the life of a document: on a page that changes in place it may still stand there.
  if (given.tell() && given.n && !queue.notice) await consider(given);
}

if (given) {
  // The first script waits for this sign, and tells the verdict itself where it does not come.
  /** @type {any} */ (me).x = given.x;
  // Whatever went wrong: what the first script found is told.
  follow(given).catch(given.tell);
}
