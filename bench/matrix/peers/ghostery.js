// Ghostery's engine as a process: one JSON line in ({url, page, type}), one word out.
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { FiltersEngine, Request } from "@ghostery/adblocker";

const engine = FiltersEngine.parse(process.argv.slice(2).map((f) => readFileSync(f, "utf8")).join("\n"));
console.log("ready");
createInterface({ input: process.stdin }).on("line", (line) => {
  const { url, page, type } = JSON.parse(line);
  const found = engine.match(Request.fromRawDetails({ url, sourceUrl: page, type }));
  console.log(found.match || found.redirect ? "block" : "pass");
});
