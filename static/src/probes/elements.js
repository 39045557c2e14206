/**
 * Probe: elements that filter lists hide, out of sight and out of the flow, beside one that no list
 * knows.
 */

import { pause } from "../pause.js";
import { page } from "../safe.js";

/**
 * Asking for a size would force a layout on the page; this asks for styles only, where it can.
 *
 * @param {Element} element
 */
const isShown = (element) => element.checkVisibility?.() ?? element.getBoundingClientRect().height;

/**
 * Looks at bait elements again and again, and takes them away as soon as the answer is known.
 *
 * A rule of the page itself cannot hide them: an important inline style wins over every style
 * sheet of a page, but not over those of the user, which is where blockers put theirs.
 *
 * @param {Control} control brings classes, styles and pauses
 * @param {number[]} missing baits that fail meanwhile: two of them settle it, and the last,
 *   longest pause is left out
 * @returns {Promise<number>} how many were hidden in two looks in a row; -1 when the control was not visible
 */
export async function lookAtElements({ e: classes, i: style, l: pauses }, missing) {
  const box = page.createElement("div");
  box.style.cssText = style[0];
  box.ariaHidden = /** @type {any} */ (true);
  /** @type {any[]} each with the number `n` of looks in a row for which it was hidden */
  const all = classes.map((name) => {
    /** @type {any} */
    const element = page.createElement("div");
    element.className = name;
    element.style.cssText = style[1];
    element.n = 0;
    box.append(element);
    return element;
  });
  page.documentElement.append(box);
  let sure = 0;
  for (const ms of pauses) {
    await pause(ms);
    for (const element of all) element.n = isShown(element) ? 0 : element.n + 1;
    sure = all.filter((element) => element.n > 1).length;
    if (sure > 1 || (missing.length > 1 && ms > 60)) break;
  }
  box.remove();
  return all[0].n ? -1 : sure;
}
