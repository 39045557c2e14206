import assert from "node:assert/strict";
import { test } from "node:test";
import {
  SHOWN,
  dismissed,
  forget,
  format,
  parse,
  read,
  readSession,
  write,
  writeSession,
} from "../../static/src/memory.js";

const NOTHING = { _quietUntil: 0, _dismissals: 0, _views: 0, _mark: "-" };
const DAYS = [7, 30];
const DAY = 24 * 60 * 60 * 1000;

test("what is written is read back the same", () => {
  for (const text of ["0 0 0 -", "1790000000000 2 5 we", "1790000000000 17 9999 -", "0 0 0 au"])
    assert.equal(format(parse(text)), text);
});

test("whatever is not an entry of ours counts as nothing kept", () => {
  for (const text of [null, "", "x", "1", "1 2", "1 2 3", "1 2 -", "1 2 3 x", "-1 2 3 -", "1e9 2 3 -", "1 2 3 w ", "1 2 3 weu", "NaN 0 0 -"])
    assert.deepEqual(parse(text), NOTHING, String(text));
});

test("the first two dismissals buy a week of quiet, the third and later ones a month", () => {
  let entry = parse(null);
  /** @type {number[]} */
  const days = [];
  for (let round = 0; round < 4; round++) {
    entry = dismissed(entry, 1000 * DAY, DAYS);
    days.push((entry._quietUntil - 1000 * DAY) / DAY);
  }
  assert.deepEqual(days, [7, 7, 30, 30]);
  assert.equal(entry._dismissals, 4);
});

test("a dismissal ends the wait for a reload, and ads that were allowed", () => {
  for (const text of ["0 0 0 wn", "0 0 0 ab"]) assert.equal(dismissed(parse(text), 5, DAYS)._mark, "-");
});

test("an entry stays readable after any number of dismissals", () => {
  const entry = dismissed(parse("0 9999 9999 -"), Date.now(), DAYS);
  assert.deepEqual(parse(format(entry)), entry);
});

test("a browser that refuses storage is no error and reads as nothing kept", () => {
  // As in browsers: reading the property itself throws.
  Object.defineProperty(globalThis, "localStorage", {
    configurable: true,
    get() {
      throw new DOMException("refused", "SecurityError");
    },
  });
  Object.defineProperty(globalThis, "sessionStorage", {
    configurable: true,
    get() {
      throw new DOMException("refused", "SecurityError");
    },
  });
  assert.ok(!write("k", "1 1 1 we"));
  forget("k");
  assert.deepEqual(read("k"), NOTHING);
  assert.ok(!writeSession("k", `${SHOWN} a`));
  assert.equal(readSession("k"), "");
});
