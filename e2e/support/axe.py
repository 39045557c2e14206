"""axe-core on a page: what it finds to mend."""

from __future__ import annotations

from functools import cache

from playwright.sync_api import Page

from detector.testing.machine import missing
from tests.support.root import ROOT

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
# A notice that is still coming has paler colours for a moment.
RUN = """async () => {
  const roots = [...document.body.children].map((one) => one.shadowRoot).filter(Boolean);
  const moving = [document, ...roots].flatMap((one) => one.getAnimations());
  const ends = moving.filter((one) => one.effect.getComputedTiming().endTime < Infinity);
  await Promise.allSettled(ends.map((one) => one.finished));
  return (await axe.run(document, { resultTypes: ["violations"] })).violations.map(
  (one) => `${one.id}: ${one.nodes.map((node) => node.target.flat().join(" ")).join(", ")}`);
}"""


@cache
def source() -> str:
    """Return axe-core's own script; where it is missing, skip, or fail in CI."""
    if not AXE.exists():
        missing(f"{AXE.name} is missing: run npm install")
    return AXE.read_text("utf-8")


def violations(page: Page) -> list[str]:
    """Return axe-core's findings on a whole page, its best practices among them."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(source())
    found: list[str] = page.evaluate(RUN)
    return found
