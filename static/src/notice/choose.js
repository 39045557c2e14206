// What a second look leads to, as a function of plain values.

/**
 * What to say after looking again. A page is offered one reload; when ads are stopped after that too,
 * another one would only go round in circles.
 * @param {string} state @param {boolean} reloaded @returns {"thanks" | "still" | "unsure" | "again"}
 */
export function outcome(state, reloaded) {
  if (/clear|unreachable/.test(state)) return "thanks";
  if (reloaded) return "again";
  return state == "blocked" ? "still" : "unsure";
}
