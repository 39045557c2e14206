"""Starts a blocker by its name."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from detector.testing.blockers.model import Options
from detector.testing.blockers.registry import record
from detector.testing.blockers.running import Running

if TYPE_CHECKING:
    from playwright.sync_api import Playwright


def start(
    name: str, playwright: Playwright | None, options: Options | None = None
) -> AbstractContextManager[Running]:
    """Start a blocker, and stop it when the block ends.

    `playwright` may be None for a blocker whose driver is Selenium only.
    """
    options = options or Options()
    found = record(name, options)
    if playwright is None and found.blocker.driver == "playwright":
        raise ValueError(f"blocker {name!r} needs Playwright: pass sync_playwright()'s object")
    return found.start(found.blocker, playwright, options)
