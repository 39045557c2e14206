// The page's own ad requests, as the inline line queued them.
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import { LOADING, hasAdScript, lookAtAds } from "../../static/src/probes/ads.js";
import { kindOf } from "../../static/src/kind.js";

const HOSTS = "\\.(doubleclick\\.net|adnxs\\.com)$";
const AD = "https://securepubads.g.doubleclick.net/tag/js/gpt.js";
const FRAME = "https://ib.adnxs.com/frame";
const OTHER = "https://static.reader.example/reader.css";

// Only the parts of a browser that these functions use: the page's host, and the network entries.
Object.assign(globalThis, { location: new URL("https://news.example/") });
globalThis.navigator ??= /** @type {any} */ ({});
/** @type {Set<string>} */
const fetched = new Set();
performance.getEntriesByName = (name) => (fetched.has(name) ? [/** @type {any} */ ({ name })] : []);

/** @param {string} type @param {string} url @param {string} [tagName] @returns {Seen} */
const event = (type, url, tagName = "SCRIPT") => [
  type,
  tagName == "LINK" ? { tagName, href: url } : { tagName, src: url },
];

/** @param {string} url @param {string} [tagName] */
function loaded(url, tagName) {
  fetched.add(url);
  return event("load", url, tagName);
}

afterEach(() => fetched.clear());

/** @type {[string, () => Seen[], Signal | ""][]} */
const TABLE = [
  ["no ads on the page", () => [loaded(OTHER, "LINK")], "unknown"],
  ["nothing at all", () => [], "unknown"],
  ["ads arrive", () => [loaded(AD), loaded(FRAME, "IFRAME")], "clear"],
  ["an ad script fails", () => [event("error", AD), loaded(OTHER, "LINK")], "blocked"],
  ["an ad script fails, nothing else foreign", () => [event("error", AD)], "blocked"],
  ["one of two fails", () => [loaded(FRAME, "IFRAME"), event("error", AD)], "blocked"],
  ["a stand-in loads", () => [event("load", AD)], "blocked"],
  ["a frame has no entry of its own", () => [event("load", FRAME, "IFRAME")], "clear"],
  [
    "everything foreign fails",
    () => [event("error", AD), event("error", OTHER, "LINK")],
    "",
  ],
  ["only others fail", () => [event("error", OTHER, "LINK"), loaded(AD)], "clear"],
  ["own files do not count", () => [event("error", "https://news.example/x.js")], "unknown"],
  ["nor inline data", () => [event("error", "data:text/javascript,1")], "unknown"],
  ["nor what has no address", () => [["error", { tagName: "VIDEO" }]], "unknown"],
  [
    "an address that no browser can read, beside an ad that fails",
    () => [event("error", "http://[", "IMG"), event("error", AD), loaded(OTHER, "LINK")],
    "blocked",
  ],
  ["nothing but an address that no browser can read", () => [event("error", "http://[", "IMG")], "unknown"],
  [
    "a name that only ends alike",
    () => [event("error", "https://notadnxs.com/x.js")],
    "unknown",
  ],
];

/** While the page is loading. @type {[string, () => Seen[], Signal | ""][]} */
const WHILE_LOADING = [
  ["an ad fails before anything else has answered", () => [event("error", AD)], ""],
  ["an ad fails, another host has answered", () => [loaded(OTHER), event("error", AD)], "blocked"],
  ["ads arrive before anything else", () => [loaded(AD)], "clear"],
  ["nothing foreign has answered", () => [], "unknown"],
];

for (const [name, queue, wanted] of WHILE_LOADING) {
  test(`loading, ${name}: ${wanted || "nobody knows"}`, () =>
    assert.equal(lookAtAds(queue(), HOSTS, LOADING), wanted));
}

for (const [name, queue, wanted] of TABLE) {
  test(`${name}: ${wanted || "nobody knows"}`, () => assert.equal(lookAtAds(queue(), HOSTS), wanted));
}

/** @param {State} state @param {Signal} elements @param {Seen[]} queue */
const kind = (state, elements, queue) =>
  kindOf({
    _verdict: { state, kind: null, signals: { elements }, ms: 0 },
    _queued: queue,
    _adHosts: HOSTS,
  });

test("blocked with hidden elements is an extension", () =>
  assert.equal(kind("blocked", "blocked", []), "extension"));
test("over https, blocked by requests alone is an extension: a device cannot read paths", () =>
  assert.equal(kind("blocked", "clear", []), "extension"));
test("over http, blocked by requests alone has no kind: a device may cut by path", () => {
  location.protocol = "http:";
  try {
    assert.equal(kind("blocked", "clear", []), null);
    assert.equal(kind("blocked", "unknown", [event("error", AD)]), null);
    assert.equal(kind("blocked", "blocked", []), "extension");
    // A stand-in for an ad library is put in from inside of the browser.
    assert.equal(kind("blocked", "clear", [event("load", AD)]), "extension");
    assert.equal(kind("blocked", "clear", [loaded(AD)]), null);
  } finally {
    location.protocol = "https:";
  }
});
for (const name of ["OPR/140.0", "SamsungBrowser/28.0", "DuckDuckGo/5", "Ddg/17.4", "Vivaldi/7.6"]) {
  test(`blocked in a browser with a blocker of its own, ${name}, is the browser`, () => {
    const before = Object.getOwnPropertyDescriptor(navigator, "userAgent");
    Object.defineProperty(navigator, "userAgent", { value: `Chrome/156.0 ${name}`, configurable: true });
    try {
      assert.equal(kind("blocked", "blocked", []), "browser");
      assert.equal(kind("blocked", "clear", []), "browser");
    } finally {
      if (before) Object.defineProperty(navigator, "userAgent", before);
      else delete /** @type {any} */ (navigator).userAgent;
    }
  });
}
test("unreachable without a stand-in is the network", () =>
  assert.equal(kind("unreachable", "clear", [event("error", AD)]), "network"));
test("unreachable with a stand-in is the browser", () =>
  assert.equal(kind("unreachable", "clear", [event("load", AD)]), "browser"));
test("clear has no kind", () => assert.equal(kind("clear", "clear", []), null));

/** @param {Seen[]} queue @param {boolean} stub */
const script = (queue, stub) => hasAdScript({ _queued: queue, _adHosts: HOSTS }, stub);

test("a script of an ad host that came over the network is real", () => {
  const queue = [loaded(AD)];
  assert.deepEqual([script(queue, false), script(queue, true)], [true, false]);
});
test("one without a network entry is a stand-in", () =>
  assert.deepEqual([script([event("load", AD)], false), script([event("load", AD)], true)], [false, true]));
test("a frame that loaded proves nothing: one that was blocked loads too", () =>
  assert.equal(script([loaded(FRAME, "IFRAME")], false), false));
test("nor does a script that failed, or another host's", () =>
  assert.equal(script([event("error", AD), loaded(OTHER)], false), false));
