"""Fixtures of the tests of blockers: options with a cache of their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from detector.testing.blockers import Options


@pytest.fixture
def options(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Options:
    """Return options with a cache of this test, which commands use too."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return Options()
