"""What the tests of our own URLs share: somebody who views a site, and a verdict of theirs."""

from __future__ import annotations

from typing import Any

import pytest

from detector.core.site import Site
from tests.support.visiting import VIEW, Visit

__all__ = ["VIEW", "Visit", "verdict"]


@pytest.fixture
def visit(site: Site) -> Visit:
    """Return somebody with Firefox."""
    return Visit(site)


def verdict(visit: Visit, control: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Make a report of a verdict."""
    return {"t": control["t"], "p": visit.page, "s": "clear", "i": "", "f": [], "e": False, **more}
