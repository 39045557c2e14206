// The one entry in the browser's storage: "<quiet until, ms> <dismissals> <blocked views> <mark>", and the one of
// the session: "<s or -> <variant>". Neither says who somebody is. The mark begins with "w" while the page is loaded
// again from the notice, with "a" once ads were allowed and as long as none are blocked, and ends with the first
// letter of the kind that was there ("u": unsure); it is "-" otherwise.
/** @typedef {import("./notice/types.js").Entry} Entry */

const DAY = 864e5;
const PATIENCE = 3;
const MOST = 9999;

/** Reads the entry's text; whatever is not ours counts as nothing kept. @param {string | null} text @returns {Entry} */
export function parse(text) {
  const [, quiet = 0, dismissals = 0, views = 0, mark = "-"] =
    /^(\d+) (\d+) (\d+) (-|\w\w)$/.exec(text || "") || [];
  return { quietUntil: +quiet, dismissals: +dismissals, views: +views, mark };
}

/** @param {Entry} entry */
export const format = (entry) =>
  `${entry.quietUntil} ${entry.dismissals} ${Math.min(entry.views, MOST)} ${entry.mark}`;

/**
 * The entry after one more "Not now": some days of quiet, more from the third time on.
 *
 * @param {Entry} entry @param {number} now @param {number[]} days @returns {Entry}
 */
export function dismissed(entry, now, days) {
  const dismissals = Math.min(entry.dismissals + 1, MOST);
  const quietUntil = now + days[+(dismissals >= PATIENCE)] * DAY;
  return { ...entry, quietUntil, dismissals, mark: "-" };
}

/** @param {string} key @returns {Entry} */
export function read(key) {
  try {
    return parse(localStorage.getItem(key));
  } catch {
    return parse(null);
  }
}

/** Keeps the entry's text. @param {string} key @param {string} text @returns {boolean} whether it is kept */
export function write(key, text) {
  try {
    localStorage.setItem(key, text);
    return true;
  } catch {
    // Private windows, full or forbidden storage: the notice works without it.
    return false;
  }
}

/** Keeps nothing at all. @param {string} key */
export function forget(key) {
  try {
    localStorage.removeItem(key);
  } catch {}
}

/** @param {string} key @returns {[shown: boolean, variant: string]} */
export function readSession(key) {
  try {
    const [shown, variant = ""] = (sessionStorage.getItem(key) || "").split(" ");
    return [shown == "s", variant];
  } catch {
    return [false, ""];
  }
}

/** @param {string} key @param {boolean} shown @param {string} variant */
export function writeSession(key, shown, variant) {
  try {
    sessionStorage.setItem(key, `${shown ? "s" : "-"} ${variant}`);
  } catch {}
}
