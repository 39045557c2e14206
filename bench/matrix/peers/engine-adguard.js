// AdGuard's engine in an extension that does nothing else, with the lists of lists.json.
import { FilterListPreprocessor } from "@adguard/tsurlfilter";
import { createTsWebExtension } from "@adguard/tswebextension";

const off = {
  selfDestructFirstPartyCookies: false,
  selfDestructFirstPartyCookiesTime: 0,
  selfDestructThirdPartyCookies: false,
  selfDestructThirdPartyCookiesTime: 0,
  hideReferrer: false,
  hideSearchQueries: false,
  blockChromeClientData: false,
  sendDoNotTrack: false,
  blockWebRTC: false,
};

async function start() {
  const lists = await (await fetch(browser.runtime.getURL("lists.json"))).json();
  const engine = createTsWebExtension("redirects");
  await engine.initStorage();
  await engine.start({
    filters: lists.map((text, number) => ({
      filterId: number + 1,
      content: FilterListPreprocessor.preprocess(text).filterList,
      trusted: true,
    })),
    allowlist: [],
    trustedDomains: [],
    userrules: { content: [] },
    settings: {
      allowlistEnabled: false,
      allowlistInverted: false,
      assistantUrl: "assistant.js",
      collectStats: false,
      debugScriptlets: false,
      filteringEnabled: true,
      stealthModeEnabled: false,
      stealth: off,
    },
  });
}

start();
