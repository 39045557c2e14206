"""Scripts that read from a page what the detector in it reports: its verdict, its notice."""

from __future__ import annotations

# The verdict is sent again to every listener that asks, and once more if it is revised. Without a
# state to wait for, any verdict will do.
VERDICT = """async ([state, patience]) => new Promise((told) => {
  let last = null;
  const end = setTimeout(() => told(last), patience);
  document.addEventListener("ads:verdict", (event) => {
    last = JSON.parse(JSON.stringify(event.detail));
    if (!state || last.state === state) { clearTimeout(end); told(last); }
  });
  document.dispatchEvent(new CustomEvent("ads:ask", { cancelable: true }));
})"""
# A notice is found by the shape that all its modes have: a labelled region or dialog in an open
# shadow tree below the document, with buttons in it.
NOTICE = """() => {
  const shown = (one) => one && !one.hidden && one.getClientRects().length > 0;
  for (const host of document.querySelectorAll("*")) {
    if (!host.shadowRoot) continue;
    const card = host.shadowRoot.querySelector("dialog, [role=dialog], [role=region]");
    if (!shown(card)) continue;
    const buttons = [...card.querySelectorAll("button")].filter(shown);
    const close = buttons.some((one) => one.textContent.trim() === "×");
    let text = card.innerText;
    // The part of a sentence that the title says already is there for machines alone.
    for (const one of card.querySelectorAll("p [aria-hidden=true]"))
      text = text.replace(one.textContent, "");
    return { text: text.trim().slice(0, 300), close };
  }
  return null;
}"""
# Classes and ids of what hides an element: the outermost that is not displayed, or itself.
HIDDEN_NAMES = """(element) => {
  let hidden = element;
  for (let at = element; at; at = at.parentElement)
    if (getComputedStyle(at).display === "none") hidden = at;
  const id = hidden.getAttribute("id");
  return [...(id ? ["#" + id] : []), ...[...hidden.classList].map((name) => "." + name)];
}"""
