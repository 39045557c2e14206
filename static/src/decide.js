/**
 * The decision: plain values in, a state out. docs/decisions/0033-two-rules-for-blocked.md
 * has the reasons.
 *
 * @param {object} facts
 * @param {number} facts._proven baits that arrived; below 0 when a device on the way
 *   answered one in our place
 * @param {number} facts._missing baits that did not, although their control did: one per rule
 * @param {number} facts._hidden bait elements hidden in two looks in a row; -1 when their control
 *   was hidden too
 * @param {Signal | ""} facts._ads what became of the page's own ad requests; empty when they failed
 *   and so did everything else foreign
 * @returns {Pick<Verdict, "state" | "signals">}
 */
export function decide({ _proven: proven, _missing: missing, _hidden: hidden, _ads: ads }) {
  const requests = missing ? "blocked" : proven > 1 ? "clear" : "unknown";
  const elements = hidden < 0 ? "unknown" : hidden ? "blocked" : "clear";
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
