"""What a test expects of the detector's verdict, and what it is told when that is wrong."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from detector.testing import AdBlocker, nobody_is_accused
from detector.testing.blockers import assertions

CLEAR = {"state": "clear", "kind": None, "signals": {"requests": "clear", "elements": "clear"}}
BLOCKED = {
    "state": "blocked",
    "kind": "extension",
    "signals": {"requests": "blocked", "elements": "blocked"},
}


def page_with(verdict: dict[str, Any] | None) -> Any:
    """Return a page that told this verdict to whoever asks."""
    return SimpleNamespace(url="https://news.example/", evaluate=lambda script, given: verdict)


def test_nobody_is_accused() -> None:
    """A page that is clear without a blocker passes, and its verdict is returned."""
    assert nobody_is_accused(page_with(CLEAR)) == CLEAR


@pytest.mark.parametrize(
    ("verdict", "told"),
    [
        (BLOCKED, "the verdict is 'blocked', kind 'extension'"),
        (BLOCKED, "missing is 'clear' from: requests, elements"),
        (None, "the page sent no verdict"),
    ],
)
def test_somebody_is_accused(verdict: dict[str, Any] | None, told: str) -> None:
    """Another verdict, or none, fails the test with the page and what was told."""
    with pytest.raises(AssertionError, match=r"^https://news\.example/ under no blocker") as failed:
        nobody_is_accused(page_with(verdict), patience=0)
    assert told in str(failed.value)


def test_public_names() -> None:
    """`detector.testing` exports the kit's own class and function."""
    assert AdBlocker is assertions.AdBlocker
    assert nobody_is_accused is assertions.nobody_is_accused
