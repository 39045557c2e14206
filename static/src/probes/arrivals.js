/**
 * Probe: ads that arrive although something acts on the page, by an allow-list such as Acceptable
 * Ads or an exception of the visitor's own.
 */

import { pause } from "../pause.js";
import { page } from "../safe.js";
import { hasAdScript } from "./ads.js";
import { lookAtSlots } from "./slots.js";

/** So often they are looked at, a tenth of a second apart, while slots are empty and nothing fails. */
const LOOKS = 50;

/**
 * Whether ads arrive: the script of an ad host is no stand-in, no ad request fails, and a slot shows
 * something.
 *
 * @param {Findings} found takes the signals of ads and slots, and whether the page has ads at all
 * @returns {boolean | null} null where that may still change
 */
export function arrive(found) {
  const { _queued: queue, _verdict: verdict } = found;
  const ads = found._lookAtAds(queue, found._adHosts);
  const slots = lookAtSlots(found._slots);
  verdict.signals.ads = ads || "unknown";
  verdict.signals.slots = slots || "unknown";
  found._hasAds = slots || ads != "unknown";
  // Kept for the next view of a page that changes in place, for which no script is loaded again.
  queue._real = queue._real || hasAdScript(found, false);
  return ads && ads != "blocked" && (slots || page.readyState != "complete")
    ? (queue._real && slots == "clear") || null
    : false;
}

/** Waits until that is known. @param {Findings} found */
export async function lookAtArrivals(found) {
  for (let looks = LOOKS; looks--; await pause(100)) {
    const known = arrive(found);
    if (known != null) return known;
  }
}
