/**
 * What this site keeps in the browser, none of which says who somebody is: one entry in its storage,
 * "<quiet until, ms> <dismissals> <blocked views> <mark>", and one of the session, "<-, s or q> <variant>":
 * s once the notice was shown, q where it is not to come back. After the variant stands a blank until a
 * view of the session was clear, and another one until it had any further view: each is told once.
 *
 * The mark begins with "w" while the page is loaded again from the notice, with "a" from when ads were
 * allowed until they are blocked again, and ends with the first letter of the kind that was there ("u":
 * unsure); it is "-" otherwise.
 */
/** @typedef {import("./notice/types.js").Entry} Entry */

const DAY = 864e5;
const PATIENCE = 3;
const MOST = 9999;

/** The entry of the first blocked view. */
export const FIRST_VIEW = "0 0 1 -";

/** The entry once ads were allowed. @param {string} kind */
export const allowed = (kind) => "0 0 0 a" + kind[0];

/** The mark while the page is loaded again from the notice. @param {string} kind */
export const reloading = (kind) => "w" + kind[0];

/** The mark when there is nothing to remember. */
export const UNMARKED = "-";

/** Whether the page was loaded again from the notice. @param {Entry} entry */
export const isReloaded = (entry) => entry._mark[0] == "w";

/** Whether ads were allowed and not blocked since. @param {Entry} entry */
export const isAllowed = (entry) => entry._mark[0] == "a";

/** The first letter of the kind that was there when the mark was set. @param {Entry} entry */
export const keptKind = (entry) => entry._mark[1];

/** Reads the entry's text; whatever is not ours counts as nothing kept. @param {string | null | undefined} text @returns {Entry} */
export function parse(text) {
  const [, quiet = 0, dismissals = 0, views = 0, mark = UNMARKED] =
    /^(\d+) (\d+) (\d+) (-|\w\w)$/.exec(text || "") || [];
  return { _quietUntil: +quiet, _dismissals: +dismissals, _views: +views, _mark: mark };
}

/** @param {Entry} entry */
export const format = (entry) =>
  `${entry._quietUntil} ${entry._dismissals} ${Math.min(entry._views, MOST)} ${entry._mark}`;

/**
 * The entry after one more "Not now": some days of quiet, more from the third time on.
 *
 * @param {Entry} entry @param {number} now @param {number[]} days @returns {Entry}
 */
export function dismissed(entry, now, days) {
  const dismissals = Math.min(entry._dismissals + 1, MOST);
  const quietUntil = now + days[+(dismissals >= PATIENCE)] * DAY;
  return { ...entry, _quietUntil: quietUntil, _dismissals: dismissals, _mark: UNMARKED };
}

/** @param {string} key @returns {Entry} */
export function read(key) {
  try {
    return parse(localStorage[key]);
  } catch {
    return parse("");
  }
}

/**
 * Keeps the entry's text.
 *
 * @param {string} key @param {string} text
 * @returns {true | undefined} nothing where it is not kept: the notice works without it in private
 *   windows, and with full or forbidden storage
 */
export function write(key, text) {
  try {
    localStorage[key] = text;
    return true;
  } catch {}
}

/** Keeps nothing at all. @param {string} key */
export function forget(key) {
  try {
    delete localStorage[key];
  } catch {}
}

/** The session's mark before, and once the notice was shown, and where it is not to come back. */
export const UNSHOWN = "-";
export const SHOWN = "s";
export const QUIET = "q";

/** What a session's entry ends with once its variant is drawn: two blanks, see above. */
export const WAITING = "  ";

/** The session's entry, empty where there is none. @param {string} key @returns {string} */
export function readSession(key) {
  try {
    return sessionStorage[key] || "";
  } catch {
    return "";
  }
}

/**
 * Keeps the session's entry, as `write` does.
 *
 * @param {string} key @param {string} text
 * @returns {true | undefined}
 */
export function writeSession(key, text) {
  try {
    sessionStorage[key] = text;
    return true;
  } catch {}
}
