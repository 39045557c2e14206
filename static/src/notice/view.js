// Builds the card. Text goes in as text only, so owner texts and Trusted Types need no care.
/** @typedef {import("./types.js").Payload} Payload */
/** @typedef {import("./types.js").Guide} Guide */
/** @typedef {import("./types.js").View} View */
import { page } from "../safe.js";

/** @type {Record<string, string>} */
const SHAPES = {
  slot: "slot",
  "bottom-bar": "bar",
  "top-bar": "bar top",
  modal: "middle",
  "soft-wall": "middle wall",
  "hard-wall": "middle wall hard",
};

/** @param {string} mode */
export const isDialog = (mode) => /modal|wall/.test(mode);

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {ParentNode} parent @param {T} tag @param {string} [name] class inside, part outside @param {string} [text]
 * @returns {HTMLElementTagNameMap[T]}
 */
function add(parent, tag, name, text) {
  const element = page.createElement(tag);
  if (name) {
    element.className = name;
    element.setAttribute("part", name);
  }
  if (text) element.textContent = text;
  parent.append(element);
  return element;
}

/** @param {HTMLElement} parent @param {string} name @param {string} text */
function button(parent, name, text) {
  const element = add(parent, "button", `button ${name}`, text);
  element.type = "button";
  return element;
}

/** @param {HTMLElement} parent @param {Guide} guide */
export function addGuide(parent, guide) {
  const several = guide.steps.length > 1;
  const list = [add(parent, "h3", "name", guide.name), add(parent, several ? "ol" : "p")];
  // What is not translated stays English, and says so to screen readers.
  if (guide.lang) for (const part of list) [part.lang, part.dir] = [guide.lang, "ltr"];
  if (several) for (const step of guide.steps) add(list[1], "li", "", step);
  else list[1].textContent = guide.steps[0];
}

/** A body that begins with the title says it once to the eye. @param {HTMLElement} card @param {Payload["text"]} text */
function addBody(card, { title, body }) {
  const start = body.startsWith(title + ". ") ? title.length + 2 : 0;
  const place = add(card, "p", "text");
  if (start) add(place, "span", "said", body.slice(0, start)).setAttribute("aria-hidden", "true");
  place.append(body.slice(start));
}

/** @param {HTMLElement} steps @param {Payload} payload */
export function fillSteps(steps, { text, guides = [], more }) {
  const lead = add(steps, "p", "lead", text.seen);
  // Opening the steps moves focus to their first line, so that what follows is read in order.
  lead.tabIndex = -1;
  for (const guide of guides) addGuide(steps, guide);
  add(steps, "p", "then", text.then);
  /** @type {any} */
  const rest = more && add(steps, "details", "more");
  if (rest) add(rest, "summary", "", text.more);
  return { _lead: lead, _more: rest, _disputed: button(steps, "quiet wrong", text.disputed) };
}

/** @param {ShadowRoot} root @param {Payload} payload @returns {View} */
export function build(root, payload) {
  const { text, mode, look = {}, logo, links = [] } = payload;
  const dialog = isDialog(mode);
  const card = add(root, dialog ? "dialog" : "div", `card ${SHAPES[mode] || "corner"}`);
  card.lang = payload.lang;
  card.dir = payload.dir;
  card.setAttribute("aria-label", text.title);
  if (!dialog) card.setAttribute("role", "region");
  for (const name in look) card.style.setProperty(name, look[name]);

  if (logo) {
    const image = add(card, "img", "logo");
    [image.src, image.alt] = logo;
  }
  add(card, "h2", "title", text.title);
  addBody(card, text);
  const steps = add(card, "div", "steps");
  steps.hidden = true;
  const inside = fillSteps(steps, payload);

  const foot = add(card, "div", "foot");
  const status = add(foot, "p", "status");
  status.setAttribute("role", "status");
  const actions = add(foot, "div", "actions");
  const reload = button(actions, "strong", text.reload);
  reload.hidden = true;
  const how = button(actions, "strong", text.how || "");
  how.setAttribute("aria-expanded", "false");
  how.autofocus = dialog;
  const done = button(actions, "plain", text.done);
  how.hidden = done.hidden = !text.how;
  const ways = links.map(([label, url]) => {
    const link = add(actions, "a", "button way", label);
    link.href = url;
    return link;
  });
  const later = text.later && button(actions, "quiet", text.later);
  const close = button(card, "close", "×");
  close.hidden = mode == "hard-wall";
  close.setAttribute("aria-label", text.close);
  return {
    ...{ _host: /** @type {HTMLElement} */ (root.host), _card: card, _close: close, _steps: steps },
    ...inside,
    ...{ _status: status, _reload: reload, _how: how, _done: done, _later: later, _links: ways },
  };
}
