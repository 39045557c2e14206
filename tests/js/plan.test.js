import assert from "node:assert/strict";
import { test } from "node:test";
import { QUIET, SHOWN } from "../../static/src/memory.js";
import { drawn, due, modeFor } from "../../static/src/plan.js";

const NOW = 1790000000000;
/** @param {number} views @param {number} [quietUntil] */
const entry = (views, quietUntil = 0) => ({ _quietUntil: quietUntil, _dismissals: 0, _views: views, _mark: "-" });

test("from the Nth blocked view on, and then on every Kth", () => {
  /** @param {number[]} rules */
  const shownOn = (rules) =>
    [1, 2, 3, 4, 5, 6, 7, 8].filter((views) => due(entry(views), rules, "", NOW));
  assert.deepEqual(shownOn([1, 1, 0]), [1, 2, 3, 4, 5, 6, 7, 8]);
  assert.deepEqual(shownOn([2, 1, 0]), [2, 3, 4, 5, 6, 7, 8]);
  assert.deepEqual(shownOn([2, 3, 0]), [2, 5, 8]);
  assert.deepEqual(shownOn([9, 1, 0]), []);
});

test("once a session where the site wants that", () => {
  assert.equal(due(entry(5), [2, 1, 1], SHOWN, NOW), false);
  assert.equal(due(entry(5), [2, 1, 1], "", NOW), true);
  assert.equal(due(entry(5), [2, 1, 0], SHOWN, NOW), true);
});

test("nobody is asked while a quiet time lasts, whatever the rules", () => {
  assert.equal(due(entry(5, NOW + 1), [1, 1, 0], "", NOW), false);
  assert.equal(due(entry(5, NOW + 1), undefined, "", NOW), false);
  assert.equal(due(entry(5, NOW - 1), [1, 1, 0], "", NOW), true);
});

test("nobody is asked again in a session that is to stay quiet, whatever the rules", () => {
  for (const rules of [[1, 1, 0], [1, 1, 1], undefined])
    assert.equal(due(entry(5), rules, QUIET, NOW), false);
});

test("where nothing may be kept, rules that would need it count as met", () => {
  assert.equal(due(entry(0), undefined, SHOWN, NOW), true);
});

test("a variant is drawn by weight and stays for the session", () => {
  /** @type {[string, number, string][]} */
  const two = [
    ["a", 1, "corner"],
    ["b", 3, "modal"],
  ];
  const at = [0, 0.2499, 0.25, 0.999].map((random) => drawn(two, "", random)[0]);
  assert.deepEqual(at, ["a", "a", "b", "b"]);
  assert.equal(drawn(two, "b", 0)[0], "b");
  assert.equal(drawn(two, "gone", 0)[0], "a");
  assert.equal(drawn(two, "", 1)[0], "a");
});

test("one mode for every kind, or one for each", () => {
  assert.equal(modeFor("corner", "browser"), "corner");
  const each = { extension: "corner", browser: "top-bar", network: "none", unsure: "modal" };
  assert.equal(modeFor(each, "browser"), "top-bar");
  assert.equal(modeFor(each, null), "modal");
});
