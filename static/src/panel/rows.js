// What was seen, as rows of texts: for visitors in the notice's card, for owners in a small table.

import { page } from "../safe.js";

/** The signals that a visitor is told about, in the order in which they are counted. */
export const NAMES = ["requests", "elements", "ads", "slots"];

/** Those that said blocked. @param {Record<string, string>} signals */
export const blocked = (signals) => NAMES.filter((name) => signals[name] == "blocked");

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag @param {string} text
 */
export function element(tag, text) {
  const made = page.createElement(tag);
  made.textContent = text;
  return made;
}

/**
 * A list; each text comes with its tag.
 *
 * @param {"dl" | "ul"} tag @param {["dt" | "dd" | "li", string][]} rows
 */
export function list(tag, rows) {
  const made = page.createElement(tag);
  made.append(...rows.map(([inner, text]) => element(inner, text)));
  return made;
}
