"""Answers and summaries laid out as text for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from detector.analytics.bounds import Bounds
from detector.analytics.comparison import Comparison, Difference, points
from detector.analytics.figures import LEAST, Share, Unheard
from detector.analytics.intervals import wilson
from detector.analytics.local_days import UTC_DAYS
from detector.analytics.price import Price, money
from detector.analytics.query import Answer, Summary
from detector.analytics.sessions import Sessions
from detector.analytics.unknown import unknown
from detector.core.printable import printable
from detector.core.vocabulary import REASONS

_COLUMNS = ("views", "measured", "blocked", "share", "95 %", "shown", "disputed", "95 %")
"""The columns of figures of `cells_table`."""


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
    if found.differences:
        lines.append("")
        lines += _aligned(
            [
                ("difference in points", "", "looking any day", "looking once"),
                *_rows(found.differences),
            ]
        )
        lines.append("")
    return "\n".join([*lines, found.sentence]) + "\n"


def sessions_lines(found: Sessions) -> str:
    """Return the lines that compare the sessions of each variant, the conclusion last."""
    rows: list[Sequence[str]] = [("sessions", "drawn", "won back", "95 %", "page left", "95 %")]
    for each in found.variants:
        rates: list[str] = []
        for part in (each.won, each.left):
            low, high = (f"{end * 100:.1f}" for end in wilson(part, each.drawn))
            rates += [f"{part / each.drawn:.1%}", f"{low} to {high}"]
        rows.append((each.name, f"{each.drawn:,}", *rates))
    lines = _aligned(rows)
    head = ("difference in points", "", "looking any day", "looking once")
    for title, differences in (("won back", found.won), ("page left", found.left)):
        if differences and not found.wrong_split:
            lines += ["", *_aligned([(f"{title}: {head[0]}", *head[1:]), *_rows(differences)])]
    if found.small:
        lines.append(f"of fewer than {LEAST} sessions, left out: {', '.join(found.small)}")
    return "\n".join(["", *lines, "", found.sentence]) + "\n"


def _rows(differences: Iterable[Difference]) -> list[tuple[str, str, str, str]]:
    return [
        (each.title, each.size, f"{low} to {high}", f"{once[0]} to {once[1]}")
        for each in differences
        for low, high in [points(*each.always_valid)]
        for once in [points(*each.fixed)]
    ]


def span_line(answer: Answer) -> str:
    """Return the span of an answer in words, in whole hours; "" if it has no ends."""
    ends = [
        f"{word} {_time(answer.days.at(at))}"
        for word, at in (("From", answer.since), ("up to", answer.until))
        if at is not None
    ]
    text = " ".join(ends)
    if not answer.days.border and len(ends) == 2:
        text = text.replace(" UTC", "", 1)
    return f"{text[:1].upper()}{text[1:]}, in whole hours\n" if ends else ""


def zone_lines(answer: Answer) -> str:
    """Return what has to be known of the days of a time zone; "" where all are those of UTC."""
    days = answer.days
    starts = [cell.start for cell in answer.cells if cell.start is not None]
    if not days.border or not starts:
        return ""
    lines = []
    if answer.step != "hour":
        lines.append(f"days, weeks and months are those of {days.name}")
    if answer.has_old_days:
        day = UTC_DAYS.day(days.border)
        lines.append(f"before {day} they are those of UTC: old counts are kept by its days only")
    if answer.step == "day":
        lines += [
            f"{days.day(start)} lies at that border and has {days.hours(start)} hours"
            for start in dict.fromkeys(starts)
            if days.is_mixed(start)
        ]
    if answer.step != "hour" and not days.begin_on_the_hour(starts[0], starts[-1]):
        lines.append("an hour of UTC belongs to the day in which it begins")
    return "".join(f"{line}\n" for line in lines)


def cells_table(answer: Answer) -> str:
    """Return a table with a row for each cell of an answer."""
    head = [*(["from"] if answer.step else []), *answer.by]
    rows = [[*head, *_COLUMNS]]
    hidden = unknown(answer.by)
    for cell in answer.cells:
        start = [] if cell.start is None else [_start(answer, cell.start)]
        row = [*start, *map(printable, cell.values)]
        blocked = cell.figures.state("blocked")
        share, ends = "", ""
        if "blocked" not in hidden and blocked.value is not None and blocked.interval:
            share = f"{'few ' if blocked.few else ''}{blocked.value:.1%}"
            ends = " to ".join(f"{end * 100:.1f}" for end in blocked.interval)
        counts = {
            "views": cell.figures.views,
            "measured": cell.figures.measured,
            "verdicts": blocked.part,
        }
        shown = f"{cell.figures.actions['shown']:,}"
        disputed = cell.figures.disputed
        rate = "" if disputed.interval is None else f"{disputed.part / disputed.whole:.1%}"
        between = " to ".join(f"{end * 100:.1f}" for end in disputed.interval or ())
        known = ["" if name in hidden else f"{count:,}" for name, count in counts.items()]
        numbers = [*known, share, ends, shown, rate, between]
        rows.append([*row, *numbers])
    lines = _aligned(rows, len(head))
    lines.append("share is of measured views, disputed of notices shown, with 95 % intervals")
    few = (cell.figures.state("blocked").few for cell in answer.cells)
    if "blocked" not in hidden and any(few):
        lines.append(f"few: of fewer than {LEAST} measured views, so the share says little")
    return "\n".join(lines) + "\n" + zone_lines(answer)


def _start(answer: Answer, start: int) -> str:
    at = answer.days.at(start)
    return _time(at) if answer.days.border else f"{at:%Y-%m-%d %H:%M}"


def _time(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M %Z}"


def _aligned(rows: Sequence[Sequence[str]], names: int = 1) -> list[str]:
    """Lay out rows: the first `names` columns to the left, numbers to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        texts = [text.ljust(width) for text, width in zip(row[:names], widths, strict=False)]
        numbers = [
            text.rjust(width) for text, width in zip(row[names:], widths[names:], strict=True)
        ]
        lines.append("  ".join(texts + numbers).rstrip())
    return lines


def summary_table(
    found: Summary,
    answer: Answer,
    per_thousand: float | Price | None,
    patterns: Mapping[str, int] | None = None,
) -> str:
    """Return a summary as lines of name, count and, where there is a whole, share of it.

    `patterns` are the disputed notices by the signals that said blocked.
    """
    lines: list[tuple[str, int, str]] = [("Page views", found.views, "")]
    lines.append(("Verdicts", found.verdict_count, ""))
    lines += _part(found.verdicts, found.verdict_count, "verdicts")
    lines += _without_verdict(answer.total.blocked_bounds)
    accused = found.verdicts["blocked"] + found.verdicts["unreachable"]
    lines.append(("Kinds of blocked and unreachable", accused, ""))
    lines += _part(found.kinds, accused, "these")
    shown = found.actions["shown"]
    lines.append(("Notices shown", shown, ""))
    others = {name: count for name, count in found.actions.items() if name != "shown"}
    lines += _part(others, shown, "shown")
    lines += [(f"    by {name}", n, "") for name, n in (patterns or {}).items()]
    with_ads = found.verdicts["clear"] + found.verdicts["partial"]
    lines += _part({"Views won back": found.recovered}, with_ads, "views with ads", "")
    lines.append(("Ad-free views, not in any share", found.ad_free, ""))
    missing = answer.unheard or Unheard(0, 0, 0, 0)
    share = _share(missing.missing, missing.pages, f"{missing.pages:,}")
    lines.append(("Pages with a tag, not heard of", missing.missing, share))
    lines.append(("Pages that a cache may keep", missing.not_measurable, ""))
    lines.append(("Reports refused", sum(found.refused.values()), ""))
    lines += [(f"  {name}", n, REASONS.get(name, "")) for name, n in found.refused.items()]
    lines.append(("Verdicts corrected by the server", found.corrected, ""))
    lines.append(("Events dropped, memory was full", found.dropped, ""))
    lines.append(("Errors of the detector", found.errors, ""))
    lines.append(("Reports counted unshared", found.unshared, ""))
    width = max(len(name) for name, _, _ in lines)
    digits = max(len(f"{count:,}") for _, count, _ in lines)
    out = [f"{name:<{width}}  {count:>{digits},}  {share}".rstrip() for name, count, share in lines]
    if per_thousand is not None:
        income = answer.total.income(per_thousand)
        out.append(
            f"Lost income: {money(income.lost, income.currency)}, for {income.views:,} blocked or "
            f"unreachable views at {income.per_thousand:g} per thousand"
            + (f", each for {income.weight:.4g} views of all" if income.weight > 1 else "")
        )
        won = money(income.won, income.currency)
        out.append(f"Income won back: {won}, for {income.recovered:,} views")
    return "\n".join(out)


def _without_verdict(found: Bounds | None) -> list[tuple[str, int, str]]:
    """Return the line of the range that these views leave open."""
    if not found:
        return []
    words = f"blocked is {found.low * 100:.1f} to {found.high * 100:.1f} % of all views"
    return [("Views without a verdict", found.unknown, words if found.unknown else "")]


def _part(
    counts: dict[str, int], whole: int, of: str, indent: str = "  "
) -> list[tuple[str, int, str]]:
    return [(f"{indent}{name}", count, _share(count, whole, of)) for name, count in counts.items()]


def _share(count: int, whole: int, of: str) -> str:
    """Return a share with its interval; what exceeds the whole is on notices before the span."""
    share = Share(min(count, whole), whole, of)
    if share.interval is None:
        return ""
    low, high = (f"{end * 100:.1f}" for end in share.interval)
    earlier = f", and {count - whole:,} from before" if count > whole else ""
    return f"{share.part / whole:6.1%} of {of} ({low} to {high}){earlier}"
