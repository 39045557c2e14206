"""Replaces pytest-playwright's fixture that differs under a blocker, as a plugin of its own.

A module and not a class: pytest warns about session fixtures that are methods.
"""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture(scope="session")
def browser(request: pytest.FixtureRequest) -> Any:
    """Return the browser of a test: a blocker's if the test has one."""
    if hasattr(request, "param"):
        from detector.testing.blocker_fixture import running

        return running(request.getfixturevalue("_blocker_pool"), request.param)
    return request.getfixturevalue("browser")
