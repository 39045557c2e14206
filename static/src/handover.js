/**
 * Properties by which scripts of different bundles hand values to each other. A browser may have the
 * bundles of two releases at once, so the build always writes the same short name for them.
 *
 * The fields of `Handoff` (types.d.ts) are handed over under their own names. Fields of
 * `Findings` stand beside those of the bootstrap, whose keys are small letters.
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
  /** in the findings, as `Findings` in types.d.ts says */
  _verdict: "V",
  _queued: "Q",
  _at: "A",
  _report: "R",
  _fire: "F",
  _look: "L",
  _ask: "K",
  _tell: "T",
  /** on the notice's script element */
  _handoff: "x",
};
