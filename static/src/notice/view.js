// Builds the card. Text goes in as text only, so owner texts and Trusted Types need no care.
/** @typedef {import("./types.js").Payload} Payload */
/** @typedef {import("./types.js").Guide} Guide */
import { arrange } from "./choose.js";

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {ParentNode} parent @param {T} tag @param {string} [name] class inside, part outside @param {string} [text]
 * @returns {HTMLElementTagNameMap[T]}
 */
function add(parent, tag, name, text) {
  const element = document.createElement(tag);
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
function addGuide(parent, guide) {
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

/** @param {HTMLElement} parent @param {Payload} payload @param {string | null} kind */
function addSteps(parent, { text, guides, near }, kind) {
  const steps = add(parent, "div", "steps");
  steps.hidden = true;
  const lead = add(steps, "p", "lead", kind === "browser" ? text.seen_browser : text.seen);
  // Opening the steps moves focus to their first line, so that what follows is read in order.
  lead.tabIndex = -1;
  const sorted = arrange(guides, near, kind);
  for (const guide of sorted.near) addGuide(steps, guide);
  add(steps, "p", "then", text.then);
  if (sorted.rest.length) {
    const more = add(steps, "details", "more");
    add(more, "summary", "", text.more);
    for (const guide of sorted.rest) addGuide(more, guide);
  }
  return { steps, lead };
}

/**
 * @param {ShadowRoot} root @param {Payload} payload @param {string | null} kind @param {boolean} modal
 */
export function build(root, payload, kind, modal) {
  const { text } = payload;
  const card = add(root, modal ? "dialog" : "div", modal ? "card middle" : "card corner");
  card.lang = payload.lang;
  card.dir = payload.dir;
  card.setAttribute("aria-label", text.title);
  if (!modal) card.setAttribute("role", "region");

  add(card, "h2", "title", text.title);
  addBody(card, text);
  const { steps, lead } = addSteps(card, payload, kind);

  const foot = add(card, "div", "foot");
  const status = add(foot, "p", "status");
  status.setAttribute("role", "status");
  const actions = add(foot, "div", "actions");
  const reload = button(actions, "strong", text.reload);
  reload.hidden = true;
  const how = button(actions, "strong", text.how);
  how.setAttribute("aria-expanded", "false");
  how.autofocus = modal;
  const done = button(actions, "plain", text.done);
  const later = button(actions, "quiet", text.later);
  const close = button(card, "close", "×");
  close.setAttribute("aria-label", text.close);
  return { card, close, steps, lead, status, actions, reload, how, done, later };
}
