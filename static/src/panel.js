// For whoever blocks no ads and was shown the notice: what was seen, in its card and in plain words.
// Loaded on the click alone; the click is counted, and the notice does not come back in this session.
/** @typedef {import("./notice/types.js").Panel} Panel */

import { QUIET, readSession, writeSession } from "./memory.js";
import { blocked, element, list } from "./panel/rows.js";
import { page } from "./safe.js";

/** @param {Panel} given */
function show({ texts, verdict, card, close, key, counts, say, settle }) {
  const seen = blocked(verdict.signals);
  settle();
  writeSession(key, QUIET + readSession(key).slice(1));
  say("disputed", card.lang, seen.join(" ") || "none");

  /** @param {HTMLElement} made @param {string} name */
  const part = (made, name) => {
    made.className = name;
    made.setAttribute("part", name);
    return made;
  };
  const title = part(element("h2", texts.title), "title");
  title.tabIndex = -1;
  const rows = list("ul", seen.map((name) => ["li", texts.saw[name]]));
  rows.style.cssText = "margin:0;padding-inline-start:1.3em";
  const steps = part(page.createElement("div"), "steps");
  steps.append(rows, part(element("p", texts.why), "then"));
  steps.style.paddingBlockEnd = "14px";
  const foot = part(page.createElement("div"), "foot");
  const status = part(element("p", ""), "status");
  status.setAttribute("role", "status");
  const about = part(element("p", counts ? texts.counted : texts.local), "then");
  about.style.margin = "0";
  foot.append(status, about);

  card.classList.add("open");
  card.setAttribute("aria-label", texts.title);
  close.hidden = false;
  card.replaceChildren(title, steps, foot, close);
  card.scrollTop = 0;
  title.focus({ preventScroll: true });
  // A live region speaks only of what changes after it is there.
  setTimeout(() => (status.textContent = texts.thanks));
}

/** @type {{_handoff?: Panel} | undefined} */
const script = /** @type {any} */ (page.currentScript);
if (script?._handoff) show(script._handoff);
