"""How much of the window the notice covers, as measured; e2e/notice/test_footprint.py checks it.

The figures are for the default texts and theme, in English, without links, before anything is
opened. A notice in the place of an ad covers nothing else, so the mode slot has none.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from detector.core.vocabulary import COVERING_MODES
from detector.notice_check.reachable_modes import Use


@cache
def measured() -> dict[str, Any]:
    """Return the file: date, browser, viewports by device, and percentages by mode and device."""
    text = Path(__file__).with_name("coverage.json").read_text("utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def covers(reached: Sequence[Use]) -> dict[str, dict[str, int]]:
    """Return the percentages of the viewport for each mode that is used, on its devices."""
    percent: dict[str, dict[str, int]] = measured()["percent"]
    found: dict[str, dict[str, int]] = {}
    for use in reached:
        of = percent.get(use.mode, {})
        found.setdefault(use.mode, {}).update(
            {device: of[device] for device in use.devices if device in of}
        )
    return {mode: by for mode, by in found.items() if by}


def lines(reached: Sequence[Use]) -> list[str]:
    """Return the coverage for people: a line for each mode."""
    data = measured()
    sizes = {name: f"{wide} × {high}" for name, (wide, high) in data["viewports"].items()}
    out = []
    if any(use.mode == "slot" for use in reached):
        out.append("  slot: nothing, it takes the place of an ad")
    for mode, by in covers(reached).items():
        parts = [f"{by[one]} % of a {one} ({sizes[one]})" for one in sizes if one in by]
        veil = ", and a veil over the rest" if mode in COVERING_MODES else ""
        out.append(f"  {mode}: {', '.join(parts)}{veil}")
    if out:
        out.insert(
            0,
            f"The notice covers ({data['preset']} texts in English, {data['browser']}, measured "
            f"{data['measured_on']}; longer texts cover more):",
        )
    return out
