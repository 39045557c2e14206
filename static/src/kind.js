/**
 * The kind: the best honest guess at what it is, for the wording; null where the page cannot tell.
 */

import { isStub } from "./probes/ads.js";

/**
 * @param {Pick<Findings, "verdict" | "queue" | "h">} found
 * @returns {Verdict["kind"]}
 */
export function kindOf({ verdict, queue, h }) {
  const { state, signals } = verdict;
  if (state == "blocked") {
    // Brave says who it is; its shields act on pages as an extension does.
    if ("brave" in navigator) return "browser";
    // Opera has a blocker of its own, which a page cannot tell from an extension.
    if (/ OPR\//.test(navigator.userAgent)) return null;
    // Requests alone can be stopped by many things; only something inside of the browser hides.
    return signals.elements == "blocked" ? "extension" : null;
  }
  if (state != "unreachable") return null;
  const replaced = queue.some(
    ([type, target]) =>
      type == "load" &&
      target.tagName == "SCRIPT" &&
      new RegExp(h).test("." + new URL(target.src, location.href).host) &&
      isStub(target.src),
  );
  // No network puts a stand-in for an ad library into a page.
  return replaced ? "browser" : "network";
}
