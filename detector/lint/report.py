"""Findings as text, a line each, and as JSON."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict

from detector.core.printable import printable
from detector.filter_lists.rule_index import Mark
from detector.filter_lists.unread import Unread
from detector.lint.findings import Finding

_SHOWN = 3
_LONGEST = 120


def lines(findings: Iterable[Finding]) -> Iterator[str]:
    """Yield a line for each finding: place, level, name, and the rules."""
    for finding in findings:
        name = finding.name
        shown = {"class": f".{name.text}", "id": f"#{name.text}"}.get(name.kind, name.text)
        place = f"{finding.file}:{name.line}:{name.column}"
        text = f"{place}: {finding.level}: {shown} ({name.kind}) is {finding.effect} by "
        text += "; ".join(map(rule, finding.rules[:_SHOWN]))
        if len(finding.rules) > _SHOWN:
            text += f"; and {len(finding.rules) - _SHOWN} more"
        if finding.suggestion:
            text += f" -> {finding.suggestion}"
        yield printable(text)


def rule(mark: Mark) -> str:
    """Return list, line and text of a rule, cut where it is long."""
    text = mark.rule if len(mark.rule) <= _LONGEST else mark.rule[:_LONGEST] + "…"
    return f"{mark.list} line {mark.line} {text}" if mark.line else text


def summary(files: int, findings: Sequence[Finding], known: int = 0) -> str:
    """Return the last line of a run."""
    levels = Counter[str](finding.level for finding in findings)
    parts = [f"{levels[level]} {level}{'s' * (levels[level] != 1)}" for level in LEVELS]
    text = f"{files:,} file{'s' * (files != 1)}: {', '.join(parts)}"
    return f"{text}; {known} known" if known else text


LEVELS = ("error", "warning", "note")


def as_json(
    files: int,
    lists: dict[str, str],
    new: Iterable[Finding],
    known: Iterable[Finding],
    skipped: Unread,
) -> str:
    """Return a run as JSON; `lists` are the labels of the lists with what they were read from."""
    made = {
        "files": files,
        "lists": lists,
        "unread": {
            **{"engine": skipped.engine, "rules": skipped.rules, "count": skipped.count},
            "kinds": dict(skipped.kinds),
        },
        "findings": [_entry(finding) for finding in new],
        "known": [_entry(finding) for finding in known],
    }
    return json.dumps(made, indent=2)


def _entry(finding: Finding) -> dict[str, object]:
    name = asdict(finding.name)
    return {
        "file": finding.file,
        **{"line": name["line"], "column": name["column"], "name": name["text"]},
        **{"kind": name["kind"], "use": name["use"], "level": finding.level},
        "rules": [
            {"list": mark.list, "line": mark.line, "rule": mark.rule} for mark in finding.rules
        ],
        "suggestion": finding.suggestion,
    }
