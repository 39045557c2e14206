/**
 * The kind: the best honest guess at what it is, for the wording; null where the page cannot tell.
 * docs/decisions/0068-kinds-by-what-can-act.md has the reasons.
 */

import { hasAdScript } from "./probes/ads.js";

/** How browsers with a blocker of their own name themselves, where they do; Brave has a property. */
const OWN_BLOCKER = / (OPR|SamsungBrowser|DuckDuckGo|Ddg|Vivaldi)\//;

/**
 * @param {Pick<Findings, "_verdict" | "_queued" | "_adHosts">} found
 * @returns {Verdict["kind"]}
 */
export function kindOf(found) {
  const { state, signals } = found._verdict;
  // No network puts a stand-in for an ad library into a page.
  const replaced = hasAdScript(found, true);
  if (state == "blocked") {
    if ("brave" in navigator || OWN_BLOCKER.test(navigator.userAgent)) return "browser";
    // Only something inside of the browser hides elements, or reads the paths of https. Over plain
    // http a device can read them too, and cut what it does not like.
    return location.protocol == "https:" || signals.elements == "blocked" || replaced
      ? "extension"
      : null;
  }
  if (state != "unreachable") return null;
  return replaced ? "browser" : "network";
}
