/** The running script, and addresses beside it. */

import { page } from "./page.js";

/** The script's own address. Never resolved against the page's base, which may be a foreign one. @type {URL} */
export let src;
/** The running script; absent where it is none of HTML, or not of the page's own origin. @type {HTMLScriptElement | undefined} */
export let me;
try {
  const script = /** @type {HTMLScriptElement} */ (page.currentScript);
  src = new URL(/** @type {string} */ (script.getAttribute("src")), /** @type {any} */ (location));
  if (script.src && src.host == location.host) me = script;
} catch {}

/** Resolves a path of ours; one that leaves our folder becomes the folder, which has no file. @param {string} path */
export const inside = (path) => {
  const folder = new URL(".", src).href;
  const url = new URL(path, src).href;
  return url.startsWith(folder) ? url : folder;
};
