"""What is not known of one kind, mode, variant or language: they belong to some views only.

All views with a kind are blocked, unreachable or partial, and the others are known of notices and
sessions only, so that counts of 0 and shares of 1 would look like figures.
"""

from __future__ import annotations

from collections.abc import Iterable
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


def unknown(dimensions: Iterable[str]) -> set[str]:
    """Return the names of the figures that are not known of a value of one of these dimensions."""
    return {name for dimension in dimensions for name in _UNKNOWN.get(dimension, ())}


def without_unknown(found: dict[str, Any], dimension: str = "") -> dict[str, Any]:
    """Return an answer with None for what is not known: of its cells, by what they are grouped by.

    With a dimension the whole answer is of one of its values.
    """
    of_all, of_cells = unknown([dimension]), unknown([dimension, *found["by"]])
    cells = [{**cell, "figures": _known(cell["figures"], of_cells)} for cell in found["cells"]]
    total, funnel = _known(found["total"], of_all), found["funnel"]
    if of_all:
        funnel = [_step(step) for step in funnel]
    return {**_known(found, of_all), "total": total, "funnel": funnel, "cells": cells}


def _known(found: dict[str, Any], hidden: set[str]) -> dict[str, Any]:
    return {name: None if name in hidden else value for name, value in found.items()}


def _step(step: dict[str, Any]) -> dict[str, Any]:
    """Return a step of the funnel without what is a share or a count of all views."""
    without = {"seen": ("count", "share"), "shown": ("share",)}.get(step["name"], ())
    return step | dict.fromkeys(without)
