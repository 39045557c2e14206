"""What the plugin's fixtures share: a running blocker, or a test skipped because it is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from detector.testing.blockers import BlockerError, BrowserMissing
from detector.testing.machine import missing

if TYPE_CHECKING:
    from detector.testing.blockers import Running
    from detector.testing.blockers.assertions import Pool


def running(pool: Pool, name: str) -> Running:
    """Return a blocker, started once for all tests; a missing one skips, or fails in CI."""
    try:
        return pool.get(name)
    except BrowserMissing as error:
        missing(error)
    except BlockerError as error:
        pytest.fail(str(error), pytrace=False)
