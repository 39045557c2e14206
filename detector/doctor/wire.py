"""Reads the bootstrap as the script does, by the names of its keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from detector.core.bootstrap import KEYS

_NAMES = {key: name for name, key in KEYS.items()}


def from_wire(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return an answer's values by name; keys of another release are left out."""
    return {_NAMES[key]: value for key, value in data.items() if key in _NAMES}
