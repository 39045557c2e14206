// Builds the classic bundles that are served; --check only checks that the committed ones are current.
import { build, transform } from "esbuild";
import { readFile, writeFile } from "node:fs/promises";
import { minify } from "terser";

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
const entries = { front: "front", detect: "detect", after: "after", notice: "notice", plus: "notice", own: "notice", simulate: "simulate" };
const styles = ["bar", "middle", "slot"];

/** Without the blanks that esbuild leaves beside custom properties. @param {string} css */
const minified = async (css) =>
  (await transform(css, { loader: "css", minify: true })).code.trim().replace(/(--[\w-]+[:,]) /g, "$1");

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
  // A second minifier saves 1 % more, for every page view.
  const { code } = await minify(made.outputFiles[0].text, { ecma: 2020, compress: { passes: 3, hoist_funs: true } });
  await put(`static/${name}.min.js`, `${code}\n`);
}
for (const name of styles)
  await put(`static/${name}.min.css`, await minified(await readFile(`static/src/modes/${name}.css`, "utf8")));
process.exit(stale);
