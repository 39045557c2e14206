"""Time zones by their names, and the errors for names that are none."""

from __future__ import annotations

from datetime import UTC
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from detector.core import time_zone as module
from detector.core.time_zone import time_zone


def test_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """UTC is known on every machine, other zones where there is a database of them."""
    assert time_zone("Europe/Berlin") == ZoneInfo("Europe/Berlin")
    assert time_zone("UTC") is UTC
    monkeypatch.setattr(module, "available_timezones", set)
    assert time_zone("UTC") is UTC
    with pytest.raises(ValueError) as error:
        time_zone("Europe/Berlin")
    assert str(error.value) == ("this machine has no time zones: pip install tzdata, or use UTC")


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("europe/berlim", "'europe/berlim' is no time zone; did you mean Europe/Berlin?"),
        ("qqqq", "'qqqq' is no time zone; write a name such as Europe/Berlin"),
        (7, "'7' is no time zone; write a name such as Europe/Berlin"),
        ("q" * 70, f"{'q' * 64!r} is no time zone; write a name such as Europe/Berlin"),
    ],
)
def test_wrong_names(name: Any, wrong: str) -> None:
    """The error has the nearest name, and of a long one only the beginning."""
    with pytest.raises(ValueError) as error:
        time_zone(name)
    assert str(error.value) == wrong
