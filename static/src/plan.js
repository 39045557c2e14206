// Whether and how the notice is shown on one view, as functions of plain values.
/** @typedef {import("./notice/types.js").Entry} Entry */
import { QUIET, SHOWN } from "./memory.js";

/**
 * Whether it is time to ask: never in a session that is to stay quiet. Without rules nothing may be kept, and all that would need it counts as met.
 *
 * @param {Entry} entry with this view counted
 * @param {number[] | undefined} rules from which blocked view, every which, whether once a session
 * @param {string} shown the session's mark, see memory.js
 * @param {number} now
 */
export function due({ _quietUntil, _views }, rules, shown, now) {
  if (_quietUntil > now || shown == QUIET) return false;
  if (!rules) return true;
  const [from, every, once] = rules;
  return _views >= from && !((_views - from) % every) && !(once && shown == SHOWN);
}

/**
 * The variant of this session: the one that it has already, else one drawn by weight.
 *
 * @param {Variant[]} variants @param {string} kept @param {number} random 0 to 1 @returns {Variant}
 */
export function drawn(variants, kept, random) {
  let at = random * variants.reduce((sum, [, weight]) => sum + weight, 0);
  return (
    variants.find(([name]) => name == kept) ||
    variants.find(([, weight]) => (at -= weight) < 0) ||
    variants[0]
  );
}

/**
 * A single mode is a string, which has no property of a kind's name.
 *
 * @param {any} modes @param {string | null} kind @returns {string}
 */
export const modeFor = (modes, kind) => modes[kind || "unsure"] || modes;
