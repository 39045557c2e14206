"""Formats the result of a check for people: a line for each bait, the summary at the end."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from detector.core.printable import printable
from detector.filter_lists.check import Chance, Finding, Result
from detector.filter_lists.rule_index import Mark


def table(result: Result) -> str:
    """Return the whole text."""
    named = len(result.chances) > 1
    rows = [("request bait", "type", "acts", "live", "hit by", "spared by")]
    rows += [
        (
            finding.name,
            finding.request.type if finding.request else "",
            "everywhere" if finding.request and finding.request.everywhere else "",
            *_end(finding, named),
        )
        for finding in result.requests
    ]
    elements = [("element bait", "live", "hit by", "spared by")]
    elements += [(finding.name, *_end(finding, named)) for finding in result.elements]
    found = [("blocker", "by requests", "by elements", "by both", "lists")]
    found += [_chance(chance) for chance in result.chances]
    tables = (rows, elements, found)
    return "\n".join([*(line for one in tables for line in (*_align(one), "")), *_summary(result)])


def _chance(chance: Chance) -> tuple[str, str, str, str, str]:
    odds = chance.odds
    lists = " ".join(source.label for source in chance.blocker.sources)
    shares = (f"{share:.1%} of days" for share in (odds.requests, odds.elements, odds.together))
    return chance.blocker.name, next(shares), next(shares), next(shares), lists


def _end(finding: Finding, named: bool) -> tuple[str, str, str]:
    spared = (f"{_place(mark)} {mark.why}" for mark in finding.spared)
    dead = "NO: " + ", ".join(finding.dead_in) if named else "NO"
    live = "yes" if finding.live else dead
    return live, _places(finding.hits), ", ".join(spared)


def _places(marks: Iterable[Mark]) -> str:
    return " ".join(dict.fromkeys(map(_place, marks))) or "-"


def _place(mark: Mark) -> str:
    """Return the place of a line; a rule that only the engine parsed may have none."""
    return f"{mark.list}:{mark.line}" if mark.line else mark.list or mark.rule


def _align(rows: Sequence[Sequence[str]]) -> list[str]:
    rows = [[printable(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def _summary(result: Result) -> list[str]:
    def live(findings: Sequence[Finding]) -> str:
        return f"{sum(finding.live for finding in findings)} of {len(findings)} live"

    rows = [(source.label, f"{source.rules:,} rules", source.name) for source in result.lists]
    lines = [*_align([("list", "", ""), *rows]), ""]
    for source in result.lists:
        if source.include:
            asked = source.lines[source.include - 1].partition(" ")[2]
            lines.append(f"{source.label}:{source.include} includes {asked}: name it too")
    for first, second in result.same_rule:
        lines.append(f"One rule of these lists blocks both {first} and {second}.")
    for name, marks in result.served:
        lines.append(f"Blocked by mistake: {name.text} as {name.kind}, by {_places(marks)}")
    facts = [
        ("Requests", live(result.requests)),
        ("Elements", live(result.elements)),
        ("Served", f"{len(result.served)} of {result.names:,} names of {result.secrets} sites hit"),
        ("Pool", f"of {result.pool.date}"),
        ("Result", "act: see below" if result.problems else "good"),
    ]
    return [*map(printable, lines), *_align(facts)]
