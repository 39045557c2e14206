"""Pictures of the documentation: `scripts/pictures` keeps what tests save here."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.support.root import ROOT

OUT = ROOT / ".cache" / "pictures"
LARGEST = 150_000
SCHEMES = ("light", "dark")
SIZE = {"width": 1100, "height": 720}


def keep(page: Page, name: str) -> None:
    """Save a screenshot once nothing moves any more."""
    OUT.mkdir(parents=True, exist_ok=True)
    path = OUT / f"{name}.png"
    page.screenshot(path=path, animations="disabled")
    assert path.stat().st_size <= LARGEST, f"{path.name} has {path.stat().st_size:,} bytes"
