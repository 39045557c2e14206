import { page, plain } from "../safe.js";

/**
 * Probe: the places where the page wants its ads, as they are now. It only adds a signal: a site's
 * own style sheet, a consent tool or an unsold place leave them empty too.
 *
 * @param {string} selectors
 * @returns {Signal | ""} `blocked` when every place is hidden or collapsed, `clear` when one shows a
 *   frame, picture or video, each larger than the pixels of trackers and stand-ins; empty without
 *   places, and where the browser cannot read the selectors
 */
export function lookAtSlots(selectors) {
  /** @type {Element[]} */
  let places = [];
  try {
    places = [...page.querySelectorAll(selectors)].map((place) => plain(place, Element));
  } catch {}
  /** @param {Element} place */
  const height = (place) => place.getBoundingClientRect().height;
  const filled = places.some((place) =>
    [...place.querySelectorAll("iframe,img,video")].some((ad) => height(ad) > 1),
  );
  return filled ? "clear" : !places[0] ? "" : places.some(height) ? "unknown" : "blocked";
}
