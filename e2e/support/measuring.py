"""Measurements on a page: contrast, texts that are cut off or covered, sideways scrolling.

Contrast is that of WCAG 2.2, 1.4.3: 4.5 to 1 for text.
"""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

_LIGHT = """
  const rgb = (text) => (text.match(/[\\d.]+/g) || [0, 0, 0, 0]).map(Number);
  const shade = (c) => (c <= 10 ? c / 3294.6 : ((c / 255 + 0.055) / 1.055) ** 2.4);
  const light = ([r, g, b]) => 0.2126 * shade(r) + 0.7152 * shade(g) + 0.0722 * shade(b);
"""
# The contrast of two colours.
CONTRAST = f"""([one, other]) => {{{_LIGHT}
  const [a, b] = [light(rgb(one)), light(rgb(other))];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}}"""

# For each text in an element: its smallest contrast, and whether anything is cut off, or is
# under the closing cross.
MEASURE = (
    "(root) => {"
    + _LIGHT
    + """  const ground = (element) => {
    for (let at = element; at; at = at.parentElement || (at.getRootNode().host ?? null)) {
      const colour = rgb(getComputedStyle(at).backgroundColor);
      if (colour.length < 4 || colour[3] > 0.99) return colour;
    }
    return [255, 255, 255];
  };
  const boxes = (element) => {
    const range = document.createRange();
    range.selectNodeContents(element);
    return [...range.getClientRects()];
  };
  const meets = (a, b) =>
    a.left < b.right && a.right > b.left && a.top < b.bottom && a.bottom > b.top;
  const found = { contrast: 21, worst: "", cut: [], under: [] };
  const cross = root.querySelector(".close:not([hidden])");
  const mark = cross && boxes(cross)[0];
  for (const element of [root, ...root.querySelectorAll("*")]) {
    if (!element.checkVisibility()) continue;
    const style = getComputedStyle(element);
    const own = [...element.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
    if (!own) continue;
    const [a, b] = [light(rgb(style.color)), light(ground(element))];
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (contrast < found.contrast) [found.contrast, found.worst] = [contrast, element.textContent];
    if (mark && element !== cross && boxes(element).some((box) => meets(box, mark)))
      found.under.push(element.textContent.slice(0, 40));
    if (element.scrollWidth > element.clientWidth + 1 && style.display !== "inline")
      found.cut.push(element.textContent.slice(0, 40));
  }
  return found;
}"""
)


def measure(page: Page, selector: str) -> dict[str, Any]:
    """Measure contrast and cut-off texts of one element."""
    found: dict[str, Any] = page.locator(selector).first.evaluate(MEASURE)
    return found


def no_sideways_scroll(page: Page) -> None:
    """Check that a page does not scroll sideways."""
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
