// The place of an ad that did not arrive: found only where the page has kept its height, so that nothing moves.
import { page, plain } from "../safe.js";

const LEAST_HEIGHT = 60;
const LEAST_WIDTH = 200;
const HIGHER = 3;
const LABEL = 24;

/** A label such as "Advertisement" does not fill a place. @param {HTMLElement} element @returns {boolean} */
const isFilled = (element) =>
  element.innerText.trim().length > LABEL ||
  [...element.querySelectorAll("iframe,img,video,svg")].some(
    (one) => one.getBoundingClientRect().height > 1,
  );

/**
 * @param {HTMLElement} host @param {HTMLElement} card @param {string} selectors
 * @returns {boolean} whether it stands in a place now, and has room there
 */
export function putIntoSlot(host, card, selectors) {
  for (const slot of page.querySelectorAll(selectors)) {
    /** @type {Element | null} */
    let found = slot;
    // A blocker has hidden the slot itself; what is around it may keep its height.
    for (let up = 0; found && up < HIGHER; up++, found = plain(found, Element).parentElement) {
      const place = plain(/** @type {HTMLElement} */ (found), HTMLElement);
      if (isFilled(place)) break;
      const { width, height } = place.getBoundingClientRect();
      const inside = page.createRange();
      inside.selectNodeContents(found);
      const room = Math.floor(height - inside.getBoundingClientRect().height);
      if (room < LEAST_HEIGHT || width < LEAST_WIDTH) continue;
      host.className = "in";
      host.style.setProperty("--room", `${room}px`);
      place.append(host);
      if (card.scrollHeight <= room) return true;
      host.remove();
      host.className = "";
      break;
    }
  }
  return false;
}
