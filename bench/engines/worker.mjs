// Runs one engine of npm's on an input file and prints its answers as JSON.
// `node worker.mjs ENGINE FOLDER INPUT`; FOLDER has the node_modules with the engine.
// Input: { lines, requests: [[url, page, type]], classes }. Output: { version, compile, match in
// seconds, blocked, hidden (null: the engine cannot tell), unread (null: likewise) }.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [name, folder, input] = process.argv.slice(2);
const modules = join(folder, "node_modules");
const given = JSON.parse(readFileSync(input, "utf-8"));
const require = createRequire(join(modules, "index.js"));
const text = given.lines.join("\n");
// What both engines call a frame; the rest has the same names.
const named = (type) => (type === "subdocument" ? "sub_frame" : type);
const isRule = (line) => line.trim() && !/^(?:!|\[(?:Adblock|uBlock|AdGuard)|# )/.test(line.trim());

async function ghostery() {
  const { FiltersEngine, Request, parseFilter } = require("@ghostery/adblocker");
  const engine = FiltersEngine.parse(text, { enableCompression: false });
  const page = { url: "https://news.example/", hostname: "news.example", domain: "news.example" };
  return {
    blocks(url, sourceUrl, type) {
      const found = engine.match(Request.fromRawDetails({ url, sourceUrl, type: named(type) }));
      return found.match || found.redirect !== undefined;
    },
    hides: (one) =>
      engine
        .getCosmeticsFilters({ ...page, classes: [one], ids: [], getBaseRules: false })
        .styles.includes(`.${one}`),
    unread: () => given.lines.filter((line) => isRule(line) && !parseFilter(line.trim())).length,
  };
}

async function ubo() {
  const at = join(modules, "@gorhill/ubo-core");
  const { StaticNetFilteringEngine } = await import(pathToFileURL(join(at, "index.js")));
  const parsing = await import(pathToFileURL(join(at, "js/static-filtering-parser.js")));
  const engine = await StaticNetFilteringEngine.create();
  await engine.useLists([{ name: "all", raw: text }]);
  return {
    blocks: (url, originURL, type) => engine.matchRequest({ url, originURL, type: named(type) }) === 1,
    unread() {
      const parser = new parsing.AstFilterParser({ maxTokenLength: 7 });
      return given.lines.filter((line) => {
        if (!isRule(line)) return false;
        parser.parse(line.trim());
        return parser.hasError() || (!parser.isFilter() && !parser.isComment());
      }).length;
    },
  };
}

// By the tests of its package: it could not be built where this was written.
async function rs() {
  const { Engine, FilterSet } = require("adblock-rs");
  const filters = new FilterSet();
  filters.addFilters(text);
  const engine = new Engine(filters);
  return { blocks: (url, page, type) => engine.check(url, page, type) };
}

const packages = {
  "@ghostery/adblocker": ghostery,
  "@gorhill/ubo-core": ubo,
  "adblock-rs": rs,
};
const now = () => performance.now() / 1000;
const began = now();
const engine = await packages[name]();
const compiled = now();
const blocked = given.requests.map((one) => Boolean(engine.blocks(...one)));
const matched = now();
const about = JSON.parse(readFileSync(join(modules, name, "package.json"), "utf-8"));
console.log(
  JSON.stringify({
    version: about.version,
    compile: compiled - began,
    match: matched - compiled,
    blocked,
    hidden: engine.hides ? given.classes.map(engine.hides) : null,
    unread: engine.unread ? engine.unread() : null,
  }),
);
