// An element that the page's style sheets cannot reach, and our style sheet inside it.

/** @param {string} css @returns {ShadowRoot} */
export function makeRoot(css) {
  const host = document.createElement("div");
  // The sheet says the same with more weight; this holds where it is refused.
  for (const [name, value] of [
    ["all", "initial"],
    ["position", "fixed"],
    ["z-index", "2147483647"],
  ])
    host.style.setProperty(name, value, "important");
  const root = host.attachShadow({ mode: "open" });
  try {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    // Needs no style-src, where a <style> element does.
    root.adoptedStyleSheets = [sheet];
  } catch {
    const style = document.createElement("style");
    style.textContent = css;
    root.append(style);
  }
  return root;
}
