// What of the page itself the notice may use: a template of the owner's, and what a wall blurs.
/** @typedef {import("./types.js").Payload} Payload */
/** @typedef {import("./types.js").View} View */
import { page } from "../safe.js";
import { fillSteps, isDialog } from "./view.js";

/**
 * The owner's own card in place of ours, from a <template> on the page: an element with
 * `data-part="how"` takes the part of our button of that name, and so on. A part that is not there
 * does nothing.
 *
 * @param {Payload} payload @returns {View | undefined}
 */
export function own(payload) {
  const { template, text, mode, lang, dir } = payload;
  const found = template && page.querySelector(template);
  if (!(found instanceof HTMLTemplateElement)) return;
  const card = page.createElement(isDialog(mode) ? "dialog" : "div");
  card.append(found.content.cloneNode(true));
  card.className = `${found.className} ${mode}`;
  Object.assign(card, { lang, dir });
  if (!isDialog(mode)) card.setAttribute("role", "region");
  card.setAttribute("aria-label", text.title);
  /** @param {string} name @returns {any} */
  const part = (name) => {
    const element = card.querySelector(`[data-part=${name}]`) || page.createElement("button");
    const words = /** @type {any} */ (text)[name];
    if (words && !element.textContent?.trim()) element.textContent = words;
    return element;
  };
  const [steps, status, reload] = [part("steps"), part("status"), part("reload")];
  part("title");
  part("body");
  status.setAttribute("role", "status");
  steps.hidden = reload.hidden = true;
  return {
    ...{ host: card, card, steps, status, reload, ...fillSteps(steps, payload) },
    ...{ how: part("how"), done: part("done"), later: part("later"), close: part("close") },
    links: [...card.querySelectorAll("a")],
  };
}

/**
 * Blurs what the owner named while a wall stands; nothing of the page itself is changed.
 *
 * @param {Payload} payload @returns {() => unknown} takes it back
 */
export function cover({ mode, blur }) {
  const before = page.adoptedStyleSheets;
  if (!blur || !before || !mode.endsWith("wall")) return () => {};
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`${blur}{filter:blur(7px)!important}`);
  /** @param {CSSStyleSheet[]} sheets */
  const adopt = (sheets) => Reflect.set(Document.prototype, "adoptedStyleSheets", sheets, document);
  adopt([...before, sheet]);
  return () => adopt(page.adoptedStyleSheets.filter((one) => one != sheet));
}
