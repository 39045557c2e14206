"""Answers and summaries laid out as text for a terminal."""

from __future__ import annotations

from datetime import UTC, datetime

from detector.analytics.figures import Unheard
from detector.analytics.query import Answer, Summary
from detector.analytics.variants import Comparison
from detector.core.printable import printable
from detector.core.vocabulary import REASONS


def comparison_lines(found: Comparison) -> str:
    """Return the lines that compare the variants of the notice, the conclusion last."""
    lines = []
    if found.arms:
        lines.append(f"{found.goal} of notices shown, with 95 % intervals:")
    width = max((len(arm.name) for arm in found.arms), default=0)
    for arm in found.arms:
        low, high = arm.interval()
        between = f"{low * 100:.1f} % to {high * 100:.1f} %"
        lines.append(
            f"{arm.name:<{width}}  {arm.rate * 100:4.1f} %  {between:<16}  "
            f"{arm.done:,} of {arm.shown:,}"
        )
    return "\n".join([*lines, found.sentence]) + "\n"


def cells_table(answer: Answer) -> str:
    """Return a table with a row for each cell of an answer, and how many were left out."""
    head = [*(["from"] if answer.step else []), *answer.by, "views", "measured", "blocked", "", ""]
    rows = [[*head[:-3], "blocked", "share", "shown"]]
    for cell in answer.cells:
        start = datetime.fromtimestamp(cell.start or 0, UTC).strftime("%Y-%m-%d %H:%M")
        row = [*([start] if answer.step else []), *map(printable, cell.values)]
        if cell.figures is None:
            rows.append([*row, "few", "", "", "", ""])
            continue
        blocked = cell.figures.state("blocked")
        share = "" if blocked.value is None else f"{blocked.value:.1%}"
        counts = (cell.figures.views, cell.figures.measured, blocked.part)
        shown = f"{cell.figures.actions['shown']:,}"
        rows.append([*row, *(f"{count:,}" for count in counts), share, shown])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    names = len(rows[0]) - 5
    lines = []
    for row in rows:
        texts = [text.ljust(width) for text, width in zip(row[:names], widths, strict=False)]
        numbers = [
            text.rjust(width) for text, width in zip(row[names:], widths[names:], strict=True)
        ]
        lines.append("  ".join(texts + numbers).rstrip())
    lines.append("share is of measured views")
    if answer.hidden:
        lines.append(f"{answer.hidden} rows of few views are hidden")
    return "\n".join(lines) + "\n"


def summary_table(found: Summary, answer: Answer, per_thousand: float | None) -> str:
    """Return a summary as lines of name, count and, where there is a whole, share of it."""
    lines: list[tuple[str, int, str]] = [("Page views", found.views, "")]
    lines.append(("Verdicts", found.verdict_count, ""))
    lines += _part(found.verdicts, found.verdict_count, "verdicts")
    accused = found.verdicts["blocked"] + found.verdicts["unreachable"]
    lines.append(("Kinds of blocked and unreachable", accused, ""))
    lines += _part(found.kinds, accused, "these")
    shown = found.actions["shown"]
    lines.append(("Notices shown", shown, ""))
    others = {name: count for name, count in found.actions.items() if name != "shown"}
    lines += _part(others, shown, "shown")
    clear = found.verdicts["clear"]
    lines += _part({"Views won back": found.recovered}, clear, "clear", "")
    missing = answer.unheard or Unheard(0, 0, 0, 0)
    share = f"{missing.missing / missing.pages:6.1%} of {missing.pages:,}" if missing.pages else ""
    lines.append(("Pages with a tag, not heard of", missing.missing, share))
    lines.append(("Pages that a cache may keep", missing.not_measurable, ""))
    lines.append(("Reports refused", sum(found.refused.values()), ""))
    lines += [(f"  {name}", n, REASONS.get(name, "")) for name, n in found.refused.items()]
    lines.append(("Verdicts corrected by the server", found.corrected, ""))
    lines.append(("Verdicts revised to unreachable", found.revised, ""))
    lines.append(("Events dropped, memory was full", found.dropped, ""))
    lines.append(("Errors of the detector", found.errors, ""))
    lines.append(("Reports counted unshared", found.unshared, ""))
    width = max(len(name) for name, _, _ in lines)
    digits = max(len(f"{count:,}") for _, count, _ in lines)
    out = [f"{name:<{width}}  {count:>{digits},}  {share}".rstrip() for name, count, share in lines]
    if per_thousand is not None:
        income = answer.total.income(per_thousand)
        out.append(
            f"Lost income: {income.lost:,.2f}, for {income.views:,} blocked or unreachable views "
            f"at {per_thousand:g} per thousand"
        )
        out.append(f"Income won back: {income.won:,.2f}, for {income.recovered:,} views")
    return "\n".join(out)


def _part(
    counts: dict[str, int], whole: int, of: str, indent: str = "  "
) -> list[tuple[str, int, str]]:
    return [
        (f"{indent}{name}", count, f"{count / whole:6.1%} of {of}" if whole else "")
        for name, count in counts.items()
    ]
