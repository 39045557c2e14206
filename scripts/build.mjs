// Builds the classic bundles that are served; --check only checks that the committed ones are current.
import { build, transform } from "esbuild";
import { readFile, readdir, writeFile } from "node:fs/promises";
import { minify } from "terser";
import { KEYS as bootstrap } from "../static/src/bootstrap.js";
import { KEYS as handover } from "../static/src/handover.js";
import { KEYS as report } from "../static/src/report.js";
import { KEYS as simulation } from "../static/src/simulate/keys.js";

/** A style sheet is imported as its minified text. @type {import("esbuild").Plugin} */
const minifiedCss = {
  name: "minified-css",
  setup(on) {
    on.onLoad({ filter: /\.css$/ }, async ({ path }) => {
      return { contents: await minified(await readFile(path, "utf8")), loader: "text" };
    });
  },
};

// The notice in three sizes: "plus" has slots and blurring too, "own" templates as well.
const entries = { preload: "preload", detect: "detect", followup: "followup", notice: "notice", plus: "notice", own: "notice", panel: "panel", redirect: "redirect", simulate: "simulate" };
const styles = (await readdir("static/src/notice/modes")).map((file) => file.replace(".css", ""));

/**
 * Properties that begin with one "_" get short names: those that leave their bundle the names of the
 * tables above, which stay the same from release to release, and the others any.
 */
const shared = [bootstrap, report, handover, simulation].flatMap((keys) => Object.entries(keys));
const props = Object.fromEntries(shared.map(([name, key]) => [`$${name}`, key]));
for (const [name, key] of shared)
  if (props[`$${name}`] != key) throw Error(`${name} has two keys: ${key} and ${props[`$${name}`]}`);

/** Without the blanks that esbuild leaves beside custom properties. @param {string} css */
const minified = async (css) =>
  (await transform(css, { loader: "css", minify: true })).code.trim().replace(/, /g, ",").replace(/(--[\w-]+:) /g, "$1");

const check = process.argv.includes("--check");
let stale = 0;

/** @param {string} out @param {string} text */
async function put(out, text) {
  const old = await readFile(out, "utf8").catch(() => "");
  if (old === text) return;
  if (check) {
    console.error(`${out} is not what static/src builds: run "npm run build" and commit the result`);
    stale = 1;
  } else {
    await writeFile(out, text);
    console.log(`${out}: ${text.length} characters`);
  }
}

for (const [name, entry] of Object.entries(entries)) {
  const made = await build({
    entryPoints: [`static/src/${entry}.js`],
    define: { PLUS: String(name !== "notice"), OWN: String(name === "own") },
    bundle: true,
    minify: true,
    write: false,
    format: "iife",
    target: "es2020",
    charset: "utf8",
    legalComments: "none",
    // Without it the type checker's settings add "use strict".
    tsconfigRaw: "{}",
    plugins: [minifiedCss],
  });
  // A second minifier saves 1 % more, and every page view pays for what is left in.
  const { code } = await minify(made.outputFiles[0].text, {
    ecma: 2020,
    compress: { passes: 3, hoist_funs: true, unsafe_arrows: true },
    mangle: { properties: { regex: /^_[^_]/, keep_quoted: true } },
    nameCache: { props: { props: { ...props } } },
  });
  await put(`static/${name}.min.js`, `${code}\n`);
}
for (const name of styles)
  await put(`static/modes/${name}.min.css`, await minified(await readFile(`static/src/notice/modes/${name}.css`, "utf8")));
process.exit(stale);
