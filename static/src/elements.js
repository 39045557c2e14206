/**
 * Probe: elements that filter lists hide, out of sight and out of the flow, beside one that no list
 * knows.
 */

/** Blockers hide within 120 ms of insertion; a second look tells a flicker from a rule. */
const LOOKS = [130, 300];

/**
 * Looks at bait elements twice and takes them away again.
 *
 * A rule of the page itself cannot hide them: an important inline style wins over every style
 * sheet of a page, but not over those of the user, which is where blockers put theirs.
 *
 * @param {string[]} classes the last one is the control's
 * @param {Promise<unknown>} enough ends the looking early
 * @returns {Promise<number>} how many stayed hidden; -1 when the control was not visible
 */
export async function lookAtElements(classes, enough) {
  const box = document.createElement("div");
  // Above the page: unlike to the side of it, nothing there can ever be scrolled to.
  box.style.cssText = "position:fixed!important;top:-300px!important;display:block!important";
  box.ariaHidden = "true";
  const all = classes.map((name) => {
    const element = document.createElement("div");
    element.className = name;
    element.style.cssText =
      "display:block!important;width:300px!important;height:40px!important";
    box.append(element);
    return element;
  });
  document.documentElement.append(box);
  let hidden = all;
  for (const wait of LOOKS) {
    await Promise.race([enough, new Promise((go) => setTimeout(go, wait))]);
    hidden = hidden.filter((element) => !element.getBoundingClientRect().height);
  }
  box.remove();
  return hidden.includes(all[all.length - 1]) ? -1 : hidden.length;
}
