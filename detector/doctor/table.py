"""Lays findings out for people: a line for each, its mend below it."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from detector.doctor.findings import Finding

_WIDTH = 100


def table(findings: Sequence[Finding]) -> str:
    """Give the whole text, the sum last."""
    width = max(len(finding.look) for finding in findings)
    lines: list[str] = []
    page = ""
    for finding in findings:
        if finding.page != page:
            page = finding.page
            lines += [*([""] if lines else []), page]
        lead = f"{finding.level:<7}  {finding.look:<{width}}  "
        lines += _wrapped(lead, finding.seen, len(lead))
        if finding.mend:
            lines += _wrapped(" " * len(lead) + "→ ", finding.mend, len(lead) + 2)
    count = [sum(one.level == level for one in findings) for level in ("error", "warning", "ok")]
    errors, warnings, good = (
        f"{number} {name}{'s' if number != 1 and name != 'ok' else ''}"
        for number, name in zip(count, ("error", "warning", "ok"), strict=True)
    )
    return "\n".join([*lines, "", f"{errors}, {warnings}, {good}"])


def _wrapped(lead: str, text: str, indent: int) -> list[str]:
    return textwrap.wrap(
        text,
        _WIDTH,
        initial_indent=lead,
        subsequent_indent=" " * indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
