"""Fixtures of the tests of the detector's own URLs: a visitor and a verdict."""

from __future__ import annotations

from typing import Any

import pytest

from detector.core.site import Site
from tests.support.visiting import VIEW, Visit

__all__ = ["VIEW", "Visit", "verdict"]


@pytest.fixture
def visit(site: Site) -> Visit:
    """Return a visitor with Firefox."""
    return Visit(site)


def verdict(visit: Visit, control: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Build the report of a verdict."""
    return {"t": control["t"], "p": visit.page, "s": "clear", "i": "", "f": [], "e": False, **more}
