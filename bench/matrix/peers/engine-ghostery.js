// Ghostery's engine in an extension that does nothing else, with the lists of lists.json.
import { WebExtensionBlocker } from "@ghostery/adblocker-webextension";

fetch(browser.runtime.getURL("lists.json"))
  .then((answer) => answer.json())
  .then((lists) => WebExtensionBlocker.parse(lists.join("\n")).enableBlockingInBrowser(browser));
