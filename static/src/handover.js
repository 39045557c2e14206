/**
 * Properties by which scripts of different bundles hand values to each other. A browser may have the
 * bundles of two releases at once, so the build always writes the same short name for them.
 *
 * The fields of `Findings`, `Look` and `Handoff` (types.d.ts) are handed over under their own names.
 */
export const KEYS = {
  /** on the event that the tag's inline line answers: its queue, see detector/core/html/tag.py */
  _queue: "q",
  /** on the first script's element: the policy of the preload script */
  _policy: "t",
  /** on the second script's element: the first script's findings */
  _findings: "p",
  /** in the findings: the probe of the page's own ad requests, which the second script looks with too */
  _lookAtAds: "z",
  /** on the notice's script element */
  _handoff: "x",
};
