// A small table for whoever sets the notice up, out of reach of the page's styles.

import { makeRoot } from "../notice/host.js";
import { list } from "../panel/rows.js";
import { page } from "../safe.js";

const CSS = `:host{all:initial!important;position:fixed!important;inset:8px auto auto 8px!important;
z-index:2147483647!important;display:block!important}
dl{display:grid;grid-template-columns:auto auto;gap:2px 12px;margin:0;padding:10px 14px;max-width:320px;
background:#1f1e1c;color:#f3f1ec;font:13px/1.45 system-ui,sans-serif;border-radius:4px;
box-shadow:0 2px 10px #0006}dt{color:#bfbbb2}dd{margin:0;font-weight:600}`;

/** @type {ShadowRoot | undefined} */
let root;

/** Shows rows of a name and a text; a second call takes the first one's place. @param {string[][]} rows */
export function panel(rows) {
  if (!root) page.body.append((root = makeRoot(CSS)).host);
  root.querySelector("dl")?.remove();
  root.append(list("dl", rows.flatMap(([name, text]) => [["dt", name], ["dd", text]])));
}
