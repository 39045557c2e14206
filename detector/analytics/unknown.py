"""What is not known of one kind, mode, variant or language: they belong to some views only.

All views with a kind are blocked, unreachable or partial, and the others are known of notices and
sessions only, so that counts of 0 and shares of 1 would look like figures.
"""

from __future__ import annotations

from typing import Any

_OF_VIEWS = (
    *("views", "measured", "without_verdict", "blocked", "unreachable", "partial", "ad_free"),
    *("verdict_count", "blocked_share"),
)
_OF_VERDICTS = ("verdicts", "kinds", "recovered", "income")
_UNKNOWN = {
    "kind": (*_OF_VIEWS, "sessions"),
    "mode": (*_OF_VIEWS, *_OF_VERDICTS, "sessions"),
    "locale": (*_OF_VIEWS, *_OF_VERDICTS, "sessions"),
    "variant": (*_OF_VIEWS, *_OF_VERDICTS),
}


def without_unknown(found: dict[str, Any], dimension: str) -> dict[str, Any]:
    """Return the answer to a query about one value of a dimension, None for what is not known."""
    cells = [{**cell, "figures": _known(cell["figures"], dimension)} for cell in found["cells"]]
    total, funnel = _known(found["total"], dimension), found["funnel"]
    if dimension in _UNKNOWN:
        funnel = [_step(step) for step in funnel]
    return {**_known(found, dimension), "total": total, "funnel": funnel, "cells": cells}


def _known(found: dict[str, Any], dimension: str) -> dict[str, Any]:
    unknown = _UNKNOWN.get(dimension, ())
    return {name: None if name in unknown else value for name, value in found.items()}


def _step(step: dict[str, Any]) -> dict[str, Any]:
    """Return a step of the funnel without what is a share or a count of all views."""
    unknown = {"seen": ("count", "share"), "shown": ("share",)}.get(step["name"], ())
    return step | dict.fromkeys(unknown)
