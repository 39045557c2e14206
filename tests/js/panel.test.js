import assert from "node:assert/strict";
import { test } from "node:test";

// The module reads the page through the prototype of Document, which Node has not.
Object.assign(globalThis, { document: {}, Document: class {} });
const { NAMES, blocked } = await import("../../static/src/panel/rows.js");

test("a visitor is told which signals said blocked, always in the same order", () => {
  assert.deepEqual(NAMES, ["requests", "elements", "ads", "slots"]);
  const signals = { slots: "blocked", elements: "clear", ads: "unknown", requests: "blocked" };
  assert.deepEqual(blocked(signals), ["requests", "slots"]);
  assert.deepEqual(blocked({}), []);
});

test("a signal that nobody has words for is not told, and so not counted", () => {
  assert.deepEqual(blocked({ hosts: "blocked", ads: "blocked" }), ["ads"]);
});
