// Loaded into Playwright's driver. It sends the headers that a route sets along when the request is
// redirected, to any host (crNetworkManager.ts and bidiNetworkManager.ts of 1.64), and no route is
// asked about a redirected request. Here they stay with the origin whose request got them.
const { Module } = require("module");

// One each for Chromium and Firefox. For a cross-origin `fetch`, Chromium reports a redirect as if
// the same request came once more; if that report is the first, it is the third place.
const REDIRECTED = /applyHeadersOverrides\(originalHeaders, ([\w.]+)\)/g;
const AGAIN = "if (alreadyContinuedParams && !event.redirectedRequestId)";

function firstOf(one) {
  let first = one.request;
  while (first.redirectedFrom()) first = first.redirectedFrom();
  return first;
}

function isOnSite(before, url) {
  return new URL(firstOf(before).url()).origin === new URL(url).origin;
}

function headersFor(apply, before, url, original, overrides) {
  if (isOnSite(before, url)) return apply(original, overrides);
  const byName = (headers) => new Map(headers.map((one) => [one.name.toLowerCase(), one.value]));
  const had = byName(firstOf(before)._headers);
  const changed = [...byName(overrides)].filter(([name, value]) => had.get(name) !== value);
  const names = new Set(changed.map(([name]) => name));
  const rest = original.filter((one) => !names.has(one.name.toLowerCase()));
  const own = [...names].filter((name) => had.has(name));
  return [...rest, ...own.map((name) => ({ name, value: had.get(name) }))];
}

globalThis.__detectorHeaders = { headersFor, isOnSite };

const compile = Module.prototype._compile;
Module.prototype._compile = function (code, file, ...more) {
  if (/[\\/]coreBundle\.js$/.test(file)) {
    const url = "(typeof requestPausedEvent === 'object' ? requestPausedEvent : param).request.url";
    code = code
      .replace(AGAIN, `${AGAIN.slice(0, -1)} &&
        globalThis.__detectorHeaders.isOnSite(existingRequest, event.request.url))`)
      .replace(REDIRECTED, (_, overrides) => `globalThis.__detectorHeaders.headersFor(
        applyHeadersOverrides, redirectedFrom, ${url}, originalHeaders, ${overrides})`);
  }
  return compile.call(this, code, file, ...more);
};
