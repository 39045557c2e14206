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
 * Whether a script of an ad host loaded: the real one, or a stand-in for it.
 *
 * @param {Pick<Findings, "_queued" | "_adHosts">} found
 * @param {boolean} stub
 */
export const hasAdScript = ({ _queued, _adHosts }, stub) =>
  _queued.some(
    ([type, target]) =>
      type == "load" &&
      target.tagName == "SCRIPT" &&
      RegExp(_adHosts).test("." + new URL(target.src, /** @type {any} */ (location)).host) &&
      isStub(target.src) == stub,
  );

/**
 * @param {Seen[]} queue
 * @param {string} hosts pattern of the hosts that ads come from, each with a dot before it
 * @param {boolean} [loading] whether other foreign requests may still fail
 * @returns {Signal | ""} whether ads fail or are replaced; `unknown` when the page had none, and an
 *   empty text when everything foreign fails, so that nobody knows about the ads
 */
export function lookAtAds(queue, hosts, loading) {
  let ads, adsFailed, others, othersFailed;
  for (const [type, target] of queue) {
    const url = target.src || target.href;
    if (!/^http/.test(url)) continue;
    try {
      const { host } = new URL(url);
      if (host == location.host) continue;
      const failed = type == "error" || (target.tagName == "SCRIPT" && isStub(url));
      if (RegExp(hosts).test("." + host)) failed ? (adsFailed = 1) : (ads = 1);
      else failed ? (othersFailed = 1) : (others = 1);
    } catch {
      // Content may hold an address that is none, such as "http://[": no request was made for it.
    }
  }
  if (!adsFailed) return ads ? "clear" : "unknown";
  return !others && (othersFailed || loading) ? "" : "blocked";
}
