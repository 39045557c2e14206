"""What `detector notice check` prints, for people and as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from detector.config import Config
from detector.notice import footprint
from detector.notice.check import unread
from detector.notice.finding import Finding, failed
from detector.notice.reach import uses
from detector.terminal import printable

if TYPE_CHECKING:
    from detector.notice.listed import Held

NO_LISTS = "filter lists were not read; name some: --lists LIST ... (needs adblock-detector[baits])"


def document(config: Config, found: Sequence[Finding], held: Sequence[Held]) -> str:
    """Give all of it as JSON."""
    shown = {
        "ok": not failed(found),
        "findings": [one.as_dict() for one in found],
        "covers": {
            "measured_on": footprint.measured()["measured_on"],
            "viewports": footprint.measured()["viewports"],
            "percent": footprint.covers(uses(config)),
        },
        "lists": [one.as_dict() for one in held],
        "texts_not_read": unread(config),
    }
    return json.dumps(shown, indent=2, ensure_ascii=False)


def text(config: Config, found: Sequence[Finding], held: Sequence[Held]) -> str:
    """Give a line for each finding and list, the summary last."""
    lines = []
    for one in found:
        lines.append(f"{one.level}: {one.where}: {one.what}; {one.mend}")
        if one.source:
            lines.append(f"  by {one.source}")
    for language in unread(config):
        lines.append(f"note: texts in {language} are not read for promises; ask somebody who can")
    lines += footprint.lines(uses(config))
    for of in held:
        by = f"acts by {len(of.acts)} of its {of.rules:,} rules"
        chosen = ", which people choose themselves" if of.chosen else ""
        lines.append(f"list {of.label}{chosen}: {by if of.acts else 'leaves the notice alone'}")
    if not held:
        lines.append(f"note: {NO_LISTS}")
    return "\n".join(map(printable, [*lines, _summary(config, found)]))


def _summary(config: Config, found: Sequence[Finding]) -> str:
    errors = sum(one.level == "error" for one in found)
    warnings = sum(one.level == "warning" for one in found)
    if errors or warnings:
        return f"{errors} to mend, {warnings} to think about"
    own = sum(map(len, (config.texts or {}).values()))
    what = f"{own} texts of your own" if own else "no texts of your own"
    return f"all is well: preset {config.preset}, {what}"
