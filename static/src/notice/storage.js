// The one entry in the browser's storage: "<quiet until, ms> <dismissals> <w or ->".
/** @typedef {import("./types.js").Entry} Entry */

const DAY = 864e5;
const PATIENCE = 3;

/** Reads the entry's text; whatever is not ours counts as nothing kept. @param {string | null} text @returns {Entry} */
export function parse(text) {
  const found = /^(\d{1,15}) (\d{1,4}) ([w-])$/.exec(text || "");
  return found
    ? { quietUntil: +found[1], dismissals: +found[2], waiting: found[3] === "w" }
    : { quietUntil: 0, dismissals: 0, waiting: false };
}

/** @param {Entry} entry */
export const format = (entry) =>
  `${entry.quietUntil} ${entry.dismissals} ${entry.waiting ? "w" : "-"}`;

/** The entry after one more "Not now": a week of quiet, a month from the third time on. @param {Entry} entry @param {number} now @returns {Entry} */
export function dismissed(entry, now) {
  const dismissals = Math.min(entry.dismissals + 1, 9999);
  const days = dismissals < PATIENCE ? 7 : 30;
  return { quietUntil: now + days * DAY, dismissals, waiting: false };
}

/** @param {string} key @returns {Entry} */
export function read(key) {
  try {
    return parse(localStorage.getItem(key));
  } catch {
    return parse(null);
  }
}

/** Keeps the entry, or nothing at all when it is null; a browser that refuses is no error. @param {string} key @param {Entry | null} entry */
export function write(key, entry) {
  try {
    if (entry) localStorage.setItem(key, format(entry));
    else localStorage.removeItem(key);
  } catch {
    // Private windows, full or forbidden storage: the notice works without it.
  }
}
