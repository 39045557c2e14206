"""Declares an option: its default, its documentation and its check in one record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import Field, field
from typing import Any

Check = Callable[[str, Any], None]
"""Called with the name that errors use and the value; raises ConfigError."""


def option(default: Any, doc: str, check: Check | str, *, shown: bool = True) -> Any:
    """Return the field of an option; `shown=False` keeps its value out of the repr.

    A check by name is one of `rare_validators`, which are loaded for other values than the default.
    """
    if isinstance(check, str):
        check = _if_set(default, check)
    return field(default=default, repr=shown, metadata={"doc": doc, "check": check})


def check_of(item: Field[Any]) -> Check:
    """Return the check of a declared option."""
    check: Check = item.metadata["check"]
    return check


def _if_set(default: Any, name: str) -> Check:
    def check(key: str, value: Any) -> None:
        if repr(value) != repr(default):  # 7.0 equals 7, but is not allowed where 7 is
            from detector.core.config import rare_validators

            getattr(rare_validators, name)(key, value)

    return check
