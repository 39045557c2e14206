import { page, plain } from "../safe.js";

/**
 * Probe: the places where the page wants its ads, as they are now. It only adds a signal: a site's
 * own style sheet, a consent tool or an unsold place leave them empty too.
 *
 * @param {string} selectors
 * @returns {Signal} `blocked` when every place is hidden or collapsed, `clear` when one is filled;
 *   `unknown` without places, and where the browser cannot read the selectors
 */
export function lookAtSlots(selectors) {
  /** @type {Element[]} */
  let places = [];
  try {
    places = [...page.querySelectorAll(selectors)].map((place) => plain(place, Element));
  } catch {}
  if (!places.length) return "unknown";
  const filled = places.some(
    (place) => place.getBoundingClientRect().height && place.querySelector("iframe,img,video"),
  );
  const gone = places.every((place) => !place.getBoundingClientRect().height);
  return filled ? "clear" : gone ? "blocked" : "unknown";
}
