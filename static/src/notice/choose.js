// Decisions as functions of plain values: which guides come first, and what a second look leads to.
/** @typedef {import("./types.js").Guide} Guide */

/**
 * Splits the guides into those shown at once and the rest. When the browser itself stops ads, its own
 * switch is the one that helps, so it comes first and alone.
 * @param {Guide[]} guides @param {number} near @param {string | null} kind @returns {{near: Guide[], rest: Guide[]}}
 */
export function arrange(guides, near, kind) {
  const own = kind === "browser" ? guides.find((guide) => guide.own) : undefined;
  const first = own ? [own] : guides.slice(0, near);
  return { near: first, rest: guides.filter((guide) => !first.includes(guide)) };
}

/**
 * What to say after looking again. A page is offered one reload; when ads are stopped after that too,
 * another one would only go round in circles.
 * @param {string} state @param {boolean} reloaded @returns {"thanks" | "still" | "unsure" | "again"}
 */
export function outcome(state, reloaded) {
  if (state === "clear" || state === "unreachable") return "thanks";
  if (reloaded) return "again";
  return state === "blocked" ? "still" : "unsure";
}
