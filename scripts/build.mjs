// Builds the classic bundles that are served; --check only says whether the checked-in ones are fresh.
import { build, transform } from "esbuild";
import { readFile, writeFile } from "node:fs/promises";
import { minify } from "terser";

/** A style sheet is imported as its minified text. @type {import("esbuild").Plugin} */
const minifiedCss = {
  name: "minified-css",
  setup(on) {
    on.onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const { code } = await transform(await readFile(path, "utf8"), { loader: "css", minify: true });
      return { contents: code.trim(), loader: "text" };
    });
  },
};

const check = process.argv.includes("--check");
let stale = 0;
for (const name of ["front", "detect", "after", "notice"]) {
  const out = `static/${name}.min.js`;
  const made = await build({
    entryPoints: [`static/src/${name}.js`],
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
  const { code } = await minify(made.outputFiles[0].text, { ecma: 2020, compress: { passes: 3 } });
  const text = `${code}\n`;
  const old = await readFile(out, "utf8").catch(() => "");
  if (old === text) continue;
  if (check) {
    console.error(`${out} is not what static/src builds: run "npm run build" and commit the result`);
    stale = 1;
  } else {
    await writeFile(out, text);
    console.log(`${out}: ${text.length} characters`);
  }
}
process.exit(stale);
