// The decision alone: what is seen, and the state that follows from it.
import assert from "node:assert/strict";
import { test } from "node:test";

import { decide } from "../../static/src/decide.js";

/** @type {[string, Parameters<typeof decide>[0], State][]} */
const TABLE = [
  ["all arrived", { control: true, proven: 2, missing: 0, hidden: 0 }, "clear"],
  ["control failed", { control: false, proven: 0, missing: 0, hidden: -1 }, "unknown"],
  ["control failed, whatever else", { control: false, proven: 0, missing: 6, hidden: 4 }, "unknown"],
  ["two rules by request", { control: true, proven: 0, missing: 2, hidden: 0 }, "blocked"],
  ["by request, elements not seen", { control: true, proven: 3, missing: 3, hidden: -1 }, "blocked"],
  ["two rules by element", { control: true, proven: 2, missing: 0, hidden: 2 }, "blocked"],
  ["one of each", { control: true, proven: 5, missing: 1, hidden: 1 }, "blocked"],
  ["one rule alone is not enough", { control: true, proven: 5, missing: 1, hidden: 0 }, "unknown"],
  ["one element alone", { control: true, proven: 2, missing: 0, hidden: 1 }, "unknown"],
  ["requests timed out", { control: true, proven: 0, missing: 0, hidden: 0 }, "unknown"],
  ["one request timed out", { control: true, proven: 1, missing: 0, hidden: 0 }, "unknown"],
  ["page hides everything", { control: true, proven: 2, missing: 0, hidden: -1 }, "unknown"],
];

for (const [name, seen, state] of TABLE) {
  test(`${name}: ${state}`, () => assert.equal(decide(seen).state, state));
}

test("signals say what each probe saw", () => {
  const { signals } = decide({ control: true, proven: 0, missing: 0, hidden: 3 });
  assert.deepEqual(signals, { requests: "unknown", elements: "blocked" });
});
