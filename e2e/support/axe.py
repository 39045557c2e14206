"""axe-core on a page: its violations."""

from __future__ import annotations

from functools import cache

from playwright.sync_api import Page

from detector.testing.machine import missing
from tests.support.root import ROOT

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
# A notice that is still fading in has paler colours.
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
    """Return axe-core's script; if it is missing, skip, or fail in CI."""
    if not AXE.exists():
        missing(f"{AXE.name} is missing: run npm install")
    return AXE.read_text("utf-8")


def violations(page: Page) -> list[str]:
    """Return axe-core's findings on a whole page, including best practices."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(source())
    found: list[str] = page.evaluate(RUN)
    return found
