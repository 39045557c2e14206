/**
 * The decision: plain values in, a state out. Reasons and weights stand in ARCHITECTURE.md.
 *
 * Positional, because names of properties cannot be shortened in what is served.
 *
 * @param {number} proven baits that arrived
 * @param {number} missing baits that did not, although their control did: one per rule
 * @param {number} hidden hidden bait elements while their control is visible, in two looks; -1 when
 *   the control was not visible
 * @param {Signal | ""} ads what became of the page's own ad requests; empty when they failed and so
 *   did everything else foreign
 * @returns {[State, Record<string, Signal>]}
 */
export function decide(proven, missing, hidden, ads) {
  const requests = missing ? "blocked" : proven > 1 ? "clear" : "unknown";
  const elements = hidden < 0 ? "unknown" : hidden ? "blocked" : "clear";
  const hits = hidden > 0 ? missing + hidden : missing;
  return [
    hits > 1
      ? "blocked"
      : hits || !ads
        ? "unknown"
        : ads == "blocked"
          ? "unreachable"
          : requests == elements
            ? requests
            : "unknown",
    { requests, elements, ads: ads || "unknown" },
  ];
}
