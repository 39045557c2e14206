/**
 * The decision: plain values in, a state out. docs/decisions/0033-two-rules-for-blocked.md
 * has the reasons.
 *
 * @param {number} proven baits that arrived; below 0 when a device on the way
 *   answered one in our place
 * @param {number} missing baits that did not, although their control did: one per rule
 * @param {number} hidden bait elements hidden at the same time; -1 when their control
 *   was hidden too
 * @param {Signal | ""} ads what became of the page's own ad requests; empty when they failed
 *   and so did everything else foreign
 * @returns {Pick<Verdict, "state" | "signals">}
 */
export function decide(proven, missing, hidden, ads) {
  const requests = missing ? "blocked" : proven > 1 ? "clear" : "unknown";
  const elements = hidden > 0 ? "blocked" : hidden ? "unknown" : "clear";
  const hits = hidden > 0 ? missing + hidden : missing;
  return {
    state:
      hits > 1
        ? "blocked"
        : proven < 0 || (!hits && ads == "blocked")
          ? "unreachable"
          : hits || !ads || requests != elements
            ? "unknown"
            : requests,
    signals: { requests, elements, ads: ads || "unknown" },
  };
}
