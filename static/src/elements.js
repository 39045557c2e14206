/**
 * Probe: elements that filter lists hide, out of sight and out of the flow, beside one that no list
 * knows.
 */

/**
 * Looks at bait elements again and again, and takes them away as soon as the answer is known.
 *
 * A rule of the page itself cannot hide them: an important inline style wins over every style
 * sheet of a page, but not over those of the user, which is where blockers put theirs.
 *
 * @param {Control} control brings classes, styles and pauses
 * @param {Promise<unknown>} settled resolves when requests have settled it: one sight is enough then
 * @returns {Promise<number>} how many were hidden in two looks; -1 when the control was not visible
 */
export async function lookAtElements({ e: classes, i: style, l: pauses }, settled) {
  const box = document.createElement("div");
  box.style.cssText = style[0];
  box.ariaHidden = "true";
  const all = classes.map((name) => {
    const element = document.createElement("div");
    element.className = name;
    element.style.cssText = style[1];
    box.append(element);
    return element;
  });
  document.documentElement.append(box);
  let hurry = false;
  settled.then(() => (hurry = true));
  /** @type {Element[]} */
  let before = [];
  /** @type {Element[]} */
  let sure = [];
  for (const pause of pauses) {
    await new Promise((go) => setTimeout(go, pause));
    const hidden = all.filter((element) => !element.getBoundingClientRect().height);
    sure = hidden.filter((element) => hurry || before.includes(element));
    if (sure.length > 1 || (hurry && pause > pauses[0])) break;
    before = hidden;
  }
  box.remove();
  return sure.includes(all[all.length - 1]) ? -1 : sure.length;
}
