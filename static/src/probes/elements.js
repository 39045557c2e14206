/**
 * Probe: elements that filter lists hide, out of sight and out of the flow, beside one that no list
 * knows.
 */

import { pause } from "../pause.js";
import { page } from "../page.js";

/** So often a hidden page is looked at, for nine seconds in all. */
const LOOKS = 60;
/** So long after a look that found something hidden it has to be hidden still. */
const CONFIRM = 8;

/**
 * Asking for a size would force a layout on the page; this asks for styles only, where it can.
 *
 * @param {Element} element
 */
const isShown = (element) => element.checkVisibility?.() ?? element.getClientRects()[0];

/**
 * Looks at bait elements again and again, and takes them away as soon as the answer is known.
 *
 * A rule of the page itself cannot hide them: an important inline style wins over every style
 * sheet of a page, but not over those of the user, which is where blockers put theirs.
 *
 * @param {Pick<Bootstrap, "_classes" | "_styles" | "_pauses">} bootstrap
 * @returns {Promise<number>} how many were hidden, and still were a moment later; -1 when the control was not visible
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
  for (let looks = LOOKS; looks-- && !isShown(all[0]); ) await pause(150);
  let sure = 0;
  for (const ms of bootstrap._pauses) {
    const hidden = all.filter((element) => !isShown(element));
    if (hidden[0]) await pause(CONFIRM);
    sure = hidden.filter((element) => !isShown(element)).length;
    if (sure > 1) break;
    await pause(ms);
  }
  // The control is the first.
  if (!isShown(all[0])) sure = -1;
  box.remove();
  return sure;
}
