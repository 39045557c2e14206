/**
 * What follows from a verdict that is not plainly `clear`: the kind, and the notice. Loaded only
 * then; detect.js alone decides the state.
 */

import { arrive, lookAtArrivals } from "./probes/arrivals.js";
import { lookAtHosts } from "./probes/hosts.js";
import { kindOf } from "./kind.js";
import {
  FIRST_VIEW,
  allowed,
  format,
  isAllowed,
  isReloaded,
  keptKind,
  read,
  readSession,
  SHOWN,
  UNSHOWN,
  WAITING,
  write,
  writeSession,
} from "./memory.js";
import { pause } from "./pause.js";
import { drawn, due, modeFor } from "./plan.js";
import { page } from "./safe.js";

/** So long the kind is waited for; a look takes a quarter of it. */
const PATIENCE = 1000;

/** The mode of a variant that is held out where another one would show the notice. */
const HELD = "-";

/** Only the first script's element has findings. @type {any} */
const me = page.currentScript;
const given = /** @type {Findings | undefined} */ (me?._findings);

/**
 * Shows the notice in one mode; most of them need the notice's own script.
 *
 * @param {Findings} findings
 * @param {{_mode: string, _variant: string, _allowed: string}} choice `_allowed`: the first letter of
 *   the kind that was there before ads were allowed, where there is only to say thank you, else empty
 */
function show(findings, { _mode, _variant, _allowed }) {
  const { _verdict: verdict, _at: at, _fire: fire, _storageKey: key = "" } = findings;
  const kind = _allowed || verdict.kind || "unsure";
  const away = verdict.state == "unreachable" ? "&s=1" : "";
  const config = `${at(/** @type {string} */ (findings._textsUrl))}?m=${_mode}&i=${kind}&y=${_variant}${away}&l=${encodeURIComponent(page.documentElement.lang)}`;
  const handoff = /** @type {Handoff} */ ({
    verdict,
    config,
    key,
    slots: findings._slots,
    thanks: !!_allowed,
    recheck: async () => findings._look(await findings._ask("&a=1"), []),
    counts: !!findings._reportUrl,
    load(path, given) {
      const script = page.createElement("script");
      /** @type {any} */ (script)._handoff = given;
      script.nonce = /** @type {HTMLScriptElement} */ (me).nonce;
      script.src = at(path);
      page.head.append(script);
    },
    say(action, lang, signals) {
      findings._report({ _action: action, _kind: kind, _mode, _variant, _locale: lang, _signals: signals });
      // Where views are counted: those with ads from here on are what the notice won back.
      if (findings._reportUrl && action == "allowed") write(key, allowed(kind));
      fire("notice", { action });
    },
  });
  if (_mode == "custom") return fire("notice", { action: "ask", ...handoff });
  // At once and not by the notice's own script: a slow connection then waits once, not twice.
  handoff.payload = fetch(config, { credentials: "omit" }).then((reply) => reply.json());
  // Where that script does not arrive, nothing else handles a failure.
  handoff.payload.catch(() => {});
  handoff.load(/** @type {string} */ (findings._noticeUrl), handoff);
}

/**
 * Whether a second look, by requests alone and with other baits, finds a blocker too: hidden
 * elements never raise a wall. Nor does it stand where ads arrive by now.
 *
 * @param {Findings} findings
 */
async function isSure(findings) {
  const bootstrap = await findings._ask("&a=1");
  const verdict = await findings._look({ ...bootstrap, _classes: bootstrap._classes.slice(0, 1) }, []);
  return verdict.state == "blocked" && !arrive(findings);
}

/** Tells that a session went on, and shows the notice where this view is to have one. @param {Findings} findings */
async function consider(findings) {
  const { _verdict: verdict, _queued: queue, _storageKey: key = "", _frequency: frequency, _variants: variants } = findings;
  const entry = read(key);
  let session = readSession(key);
  const [shown, kept] = session.split(" ");
  // Where nothing is counted it waits on.
  if (findings._reportUrl && session.endsWith(WAITING)) {
    findings._report({ _action: "stayed", _variant: kept });
    writeSession(key, (session = session.slice(0, -1)));
  }
  const reloaded = isReloaded(entry);
  const asks =
    (verdict.state == "blocked" || (findings._askPartial && verdict.state == "partial")) &&
    (findings._hasAds || !findings._askWhere);
  const thanks = reloaded && /^[cp]/.test(verdict.state);
  const away = findings._unreachableNotice && verdict.state == "unreachable";
  // Once in the life of a document: on a page that changes in place it may still be shown.
  if (queue._notice || !findings._noticeUrl || !(thanks || asks || away)) return;
  const [from, every] = frequency || [];
  const [variant, , modes, own] = variants
    ? drawn(variants, kept, Math.random())
    : ["", 1, findings._modes];
  const once = (own || frequency || [])[2];
  let mode = asks ? modeFor(/** @type {Modes} */ (modes), verdict.kind) : "slot";
  if (thanks) mode = "corner";
  else {
    if (asks) {
      entry._views++;
      // Blocked again after they had been allowed: all begins anew, and nothing is won back any more.
      if (frequency && isAllowed(entry)) write(key, FIRST_VIEW);
      else if (from + every > 1 + +!variants) write(key, format(entry));
    }
    // What asks for nothing goes by no count of blocked views.
    const rules = frequency && (asks ? frequency : [0, 1, once]);
    if (mode == "none" || !(reloaded || due(entry, rules, shown, Date.now()))) return;
    // Where it is not kept, the next view would draw again, and nothing could be told of this one.
    if (asks && frequency && variants && variant != kept && writeSession(key, (session = UNSHOWN + " " + variant + WAITING)))
      findings._report({ _action: "drawn", _variant: variant });
    if (mode == HELD || (asks && own && !reloaded && !due(entry, own, shown, Date.now()))) return;
    if (/^(hard|red)/.test(mode) && !(await isSure(findings))) mode = "corner";
    if (once) writeSession(key, SHOWN + session.slice(1));
  }
  queue._notice = true;
  show(findings, { _mode: mode, _variant: away ? "" : variant, _allowed: thanks ? keptKind(entry) : "" });
}

/**
 * Looks at the elements once more, by which alone the kind can be told: the first look leaves them
 * as soon as requests settle the state.
 *
 * @param {Findings} findings
 */
async function lookAgain(findings) {
  const found = await Promise.race([findings._look({ ...findings, _baits: [] }, []), pause(PATIENCE)]);
  if (found) findings._verdict.signals.elements = found.signals.elements;
  findings._verdict.kind = kindOf(findings);
}

/** @param {Findings} findings */
async function follow(findings) {
  const { _verdict: verdict, _hostRequests: requests } = findings;
  // A script of the page's own may have set the mark only now: such a view has no verdict at all.
  const tell = () => !("adFree" in page.documentElement.dataset) && findings._tell();
  // Whoever leaves before their ads are known is counted: told before the first script sends.
  addEventListener("pagehide", tell, true);
  arrive(findings);
  const arrived = verdict.state == "blocked" && (await lookAtArrivals(findings));
  if (requests && verdict.state == "clear") await lookAtHosts(requests, findings).catch(() => {});
  verdict.kind = kindOf(findings);
  if (verdict.state == "blocked" && !verdict.kind) await lookAgain(findings);
  if (arrived) verdict.state = "partial";
  // A document that changes in place has many views.
  removeEventListener("pagehide", tell, true);
  if (tell() && findings._storageKey) await consider(findings);
}

if (given) {
  // The first script waits for this sign, and tells the verdict itself where it does not come.
  me._proof = given._proof;
  // Whatever went wrong: the first script's findings are told.
  follow(given).catch(given._tell);
}
