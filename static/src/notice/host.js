// An element that the page's style sheets cannot reach, and our style sheet inside it.
import { page } from "../safe.js";

/** @param {string} css @returns {ShadowRoot} */
export function makeRoot(css) {
  const root = page.createElement("div").attachShadow({ mode: "open" });
  try {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    // Needs no style-src, where a <style> element does.
    root.adoptedStyleSheets = [sheet];
  } catch {
    const style = page.createElement("style");
    style.textContent = css;
    root.append(style);
  }
  return root;
}
