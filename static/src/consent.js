/** Whether the visitor agreed to be counted: asked of the page's own script, or of a TCF consent tool. */

import { page } from "./safe.js";

const PATIENCE_MS = 1000;

/**
 * @param {string} who `page` or `tcf`
 * @returns {Promise<boolean>} false where nobody answers: unknown is no consent
 */
export const isGranted = (who) => (who == "tcf" ? askTool() : askPage());

/** The page hears "ads:consent" and calls the detail with its answer; once more when it has loaded. */
async function askPage() {
  const ask = () =>
    new Promise((/** @type {(answer: unknown) => void} */ done) => {
      page.dispatchEvent(new CustomEvent("ads:consent", { detail: done }));
      done("");
    });
  let answer = await ask();
  if (!answer && page.readyState == "loading") {
    await new Promise((go) => page.addEventListener("DOMContentLoaded", go));
    answer = await ask();
  }
  return answer == "granted";
}

/** Purpose 1 of the IAB's Transparency and Consent Framework 2: to store and access information. */
const askTool = () =>
  new Promise((/** @type {(granted: boolean) => void} */ done) => {
    setTimeout(() => done(false), PATIENCE_MS);
    const tool = /** @type {any} */ (window).__tcfapi;
    try {
      tool("addEventListener", 2, (/** @type {any} */ data, /** @type {boolean} */ good) => {
        // While it still asks, nothing is known; it tells again when it has been answered.
        if (good && data.eventStatus != "cmpuishown")
          done(data.gdprApplies === false || !!data.purpose?.consents?.[1]);
      });
    } catch {
      // There is none: an element of this id is no tool either.
      done(false);
    }
  });
