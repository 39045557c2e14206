// The decision alone: signals, and the state that follows from them.
import assert from "node:assert/strict";
import { test } from "node:test";

import { decide } from "../../static/src/decide.js";

/**
 * @typedef {object} Facts
 * @property {number} [proven] @property {number} [missing] @property {number} [hidden]
 * @property {Signal | ""} [ads]
 */

/** All is clear but for what is given. @param {Facts} facts */
const decided = ({ proven = 2, missing = 0, hidden = 0, ads = "clear" }) =>
  decide(proven, missing, hidden, ads);

/** @type {[string, Facts, State][]} */
const TABLE = [
  ["all arrived", {}, "clear"],
  ["no ads on the page", { ads: "unknown" }, "clear"],
  ["two rules by request", { proven: 0, missing: 2 }, "blocked"],
  ["by request, elements not seen", { proven: 3, missing: 3, hidden: -1 }, "blocked"],
  ["two rules by element", { hidden: 2 }, "blocked"],
  ["one of each", { proven: 5, missing: 1, hidden: 1 }, "blocked"],
  ["two rules and no network beside", { missing: 2, ads: "" }, "blocked"],
  ["one rule alone is not enough", { proven: 5, missing: 1 }, "unknown"],
  ["one rule and ads that fail", { proven: 5, missing: 1, ads: "blocked" }, "unknown"],
  ["one element alone", { hidden: 1 }, "unknown"],
  ["requests timed out", { proven: 0 }, "unknown"],
  ["one request timed out", { proven: 1 }, "unknown"],
  ["page hides everything", { hidden: -1 }, "unknown"],
  ["ads fail, baits arrive", { ads: "blocked" }, "unreachable"],
  ["ads fail, baits are refused", { proven: 0, ads: "blocked" }, "unreachable"],
  ["everything foreign fails", { ads: "" }, "unknown"],
  ["a device answers a bait", { proven: -8 }, "unreachable"],
  ["a device answers a bait, and ads arrive", { proven: -4, ads: "clear" }, "unreachable"],
  ["a device answers one bait and cuts another", { proven: -8, missing: 1 }, "unreachable"],
  ["a device answers a bait, elements not seen", { proven: -8, hidden: -1 }, "unreachable"],
  ["a device answers a bait, two others are blocked", { proven: -9, missing: 2 }, "blocked"],
  ["a device answers a bait, and two elements are hidden", { proven: -9, hidden: 2 }, "blocked"],
];

for (const [name, seen, state] of TABLE) {
  test(`${name}: ${state}`, () => assert.equal(decided(seen).state, state));
}

test("signals say what each probe saw", () => {
  const { signals } = decided({ proven: 0, hidden: 3 });
  assert.deepEqual(signals, { requests: "unknown", elements: "blocked", ads: "clear" });
});
