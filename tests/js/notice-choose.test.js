import assert from "node:assert/strict";
import { test } from "node:test";
import { outcome } from "../../static/src/notice/choose.js";

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
