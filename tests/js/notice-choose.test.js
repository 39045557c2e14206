import assert from "node:assert/strict";
import { test } from "node:test";
import { arrange, outcome } from "../../static/src/notice/choose.js";

/** @typedef {import("../../static/src/notice/types.js").Guide} Guide */

/** @type {Guide[]} */
const GUIDES = [
  { name: "one", steps: ["a"] },
  { name: "two", steps: ["a"] },
  { name: "switch", steps: ["a"], own: true },
  { name: "other switch", steps: ["a"], own: true },
];

/** @param {Guide[]} guides */
const names = (guides) => guides.map((guide) => guide.name);

test("the guides that fit come first and the others are all kept", () => {
  for (const kind of ["extension", "network", null]) {
    const { near, rest } = arrange(GUIDES, 2, kind);
    assert.deepEqual(names(near), ["one", "two"]);
    assert.deepEqual(names(rest), ["switch", "other switch"]);
  }
});

test("when the browser stops ads its own switch comes first and alone", () => {
  const { near, rest } = arrange(GUIDES, 2, "browser");
  assert.deepEqual(names(near), ["switch"]);
  assert.deepEqual(names(rest), ["one", "two", "other switch"]);
});

test("without a known switch of the browser the usual guides are shown", () => {
  assert.deepEqual(names(arrange(GUIDES.slice(0, 2), 1, "browser").near), ["one"]);
});

test("only ads that are no longer stopped on the page earn thanks", () => {
  for (const reloaded of [false, true]) {
    assert.equal(outcome("clear", reloaded), "thanks");
    assert.equal(outcome("unreachable", reloaded), "thanks");
  }
});

test("a reload is offered when ads are still stopped or nothing can be told", () => {
  assert.equal(outcome("blocked", false), "still");
  assert.equal(outcome("unknown", false), "unsure");
});

test("after a reload no second one is offered", () => {
  assert.equal(outcome("blocked", true), "again");
  assert.equal(outcome("unknown", true), "again");
});
