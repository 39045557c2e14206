/**
 * Probe: the page's own ad requests, as the tag's inline line saw them. Nothing is requested here.
 */

/**
 * A script that "loaded" without a network entry was put there by a blocker or a browser.
 *
 * @param {string} url
 */
export const isStub = (url) => !performance.getEntriesByName(url)[0];

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

/** Bits of what was seen; shifted by one where it failed. */
const AD = 1;
const OTHER = 4;
/** Other foreign requests may still fail: taken as if one had. */
export const LOADING = OTHER << 1;

/**
 * @param {Seen[]} queue
 * @param {string} hosts pattern of the hosts that ads come from, each with a dot before it
 * @param {any} [seen] bits that are taken as seen already: LOADING, or none
 * @returns {Signal | ""} whether ads fail or are replaced; `unknown` when the page had none, and an
 *   empty text when everything foreign fails, so that nobody knows about the ads
 */
export function lookAtAds(queue, hosts, seen) {
  for (const [type, target] of queue) {
    const url = target.src || target.href;
    if (!/^http/.test(url)) continue;
    try {
      const { host } = new URL(url);
      // "error" comes before "load" in the alphabet.
      if (host != location.host)
        seen |= (("." + host).match(hosts) ? AD : OTHER) << /** @type {any} */ (type < "l" || (target.tagName == "SCRIPT" && isStub(url)));
    } catch {
      // Content may hold an address that is none, such as "http://[": no request was made for it.
    }
  }
  if (seen & (AD << 1)) return (seen & (OTHER | LOADING)) == LOADING ? "" : "blocked";
  return seen & AD ? "clear" : "unknown";
}
