/**
 * Probe: the page's own ad requests, as the tag's inline line saw them. Nothing is requested here.
 */

/**
 * A script that "loaded" without a network entry was put there by a blocker or a browser.
 *
 * @param {string} url
 */
export const isStub = (url) => !performance.getEntriesByName(url).length;

/**
 * @param {Seen[]} queue
 * @param {string} hosts pattern of the hosts that ads come from, each with a dot before it
 * @returns {Signal | ""} whether ads fail or are replaced; `unknown` when the page had none, and an
 *   empty text when everything foreign fails, so that nobody knows about the ads
 */
export function lookAtAds(queue, hosts) {
  let ads = 0;
  let adsFailed = 0;
  let others = 0;
  let othersFailed = 0;
  for (const [type, target] of queue) {
    const url = target.src || target.href;
    if (!/^http/.test(url)) continue;
    const { host } = new URL(url);
    if (host == location.host) continue;
    const failed = type == "error" || (target.tagName == "SCRIPT" && isStub(url));
    if (new RegExp(hosts).test("." + host)) failed ? adsFailed++ : ads++;
    else failed ? othersFailed++ : others++;
  }
  if (!adsFailed) return ads ? "clear" : "unknown";
  return othersFailed && !others ? "" : "blocked";
}
