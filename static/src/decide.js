/**
 * The decision: plain numbers in, a state out. Reasons and weights stand in ARCHITECTURE.md.
 */

/**
 * @typedef {object} Seen
 * @property {boolean} control the first control arrived and proved itself
 * @property {number} proven baits that arrived
 * @property {number} missing baits that did not, although their control did: one per rule
 * @property {number} hidden hidden bait elements while their control is visible, in two looks;
 *   -1 when the control is not visible
 */

/**
 * @param {Seen} seen
 * @returns {{state: State, signals: Record<string, Signal>}}
 */
export function decide({ control, proven, missing, hidden }) {
  /** @type {Record<string, Signal>} */
  const signals = {
    requests: !control ? "unknown" : missing ? "blocked" : proven > 1 ? "clear" : "unknown",
    elements: !control || hidden < 0 ? "unknown" : hidden ? "blocked" : "clear",
  };
  const hits = missing + Math.max(hidden, 0);
  const state =
    control && hits > 1
      ? "blocked"
      : signals.requests == "clear" && signals.elements == "clear"
        ? "clear"
        : "unknown";
  return { state, signals };
}
