/**
 * Probe: elements that filter lists hide, out of sight and out of the flow, beside one that no list
 * knows.
 */

import { pause } from "../pause.js";
import { page } from "../page.js";

/** So often a hidden page is looked at, for nine seconds in all. */
const LOOKS = 60;

/**
 * Asking for a size would force a layout on the page; this asks for styles only, where it can.
 *
 * @param {Element} element
 */
const isHidden = (element) => !(element.checkVisibility?.() ?? element.getClientRects()[0]);

/**
 * Looks at bait elements again and again, and takes them away as soon as the answer is known.
 *
 * A rule of the page itself cannot hide them: an important inline style wins over every style
 * sheet of a page, but not over those of the user, which is where blockers put theirs.
 *
 * @param {Pick<Bootstrap, "_classes" | "_styles" | "_pauses">} bootstrap
 * @returns {Promise<number>} how many were hidden at once; -1 when the control was too
 */
export async function lookAtElements(bootstrap) {
  const box = page.createElement("div");
  box.style.cssText = bootstrap._styles[0];
  const all = bootstrap._classes.map((name) => {
    const element = page.createElement("div");
    element.className = name;
    element.style.cssText = bootstrap._styles[1];
    box.append(element);
    return element;
  });
  page.documentElement.append(box);
  // Tools for A/B tests hide a page at first, for some seconds. Timers end with the page.
  for (let looks = LOOKS; looks-- && isHidden(all[0]); ) await pause(150);
  let found = 0;
  for (const ms of bootstrap._pauses) {
    // In one task, so that nothing changes in between. The control is the first.
    found = isHidden(all[0]) ? -1 : all.filter(isHidden).length;
    // Two are enough: nothing is waited for any more.
    if (found < 2) await pause(ms);
  }
  box.remove();
  return found;
}
