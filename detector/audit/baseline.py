"""An earlier report as a baseline: what it has too is known, and does not fail an audit.

A problem is the same if page, blocker, kind and target are, without random parts (digits, hashes);
the host does not count, so that a report of the live site is a baseline for its staging one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from detector.audit.folder import JSON
from detector.audit.model import Gone, PageVisit, Report
from detector.audit.origins import plain

_Key = tuple[str, str, str, str]


class BaselineError(ValueError):
    """A report cannot be used as a baseline; the message names the file and the fix."""


@dataclass(frozen=True)
class Baseline:
    """What an earlier report found: its time (ISO 8601), pages by path, and problems."""

    name: str
    began: str
    pages: frozenset[str]
    problems: dict[_Key, Gone]


def load(path: Path) -> Baseline:
    """Read a report.json, or the one in a report's folder; raise BaselineError."""
    file = path / JSON if path.is_dir() else path
    fix = "name the report.json of an earlier audit, or its folder"
    try:
        data: Any = json.loads(file.read_text("utf-8"))
        datetime.fromisoformat(data["began"])
        visits = data["visits"]
        found = {key: gone for visit in visits for key, gone in _entries(visit)}
        pages = frozenset(_path(visit["url"]) for visit in visits)
    except OSError as error:
        raise BaselineError(f"{file}: cannot be read ({error.strerror}); {fix}") from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise BaselineError(f"{file}: is not the report of an audit; {fix}") from None
    return Baseline(str(file), data["began"], pages, found)


def _entries(visit: dict[str, Any]) -> Iterator[tuple[_Key, Gone]]:
    for one in visit["problems"]:
        url, blocker = str(visit["url"]), str(visit["blocker"])
        kind, target, text = (str(one[name]) for name in ("kind", "target", "text"))
        yield _key(url, blocker, kind, target), Gone(url, blocker, kind, text)


def mark(visit: PageVisit, baseline: Baseline) -> None:
    """Mark those problems of a visit that the baseline has too."""
    visit.problems = [
        replace(
            one, known=_key(visit.url, visit.blocker, one.kind, one.target) in baseline.problems
        )
        for one in visit.problems
    ]


def finish(report: Report, baseline: Baseline) -> None:
    """Add to a report of marked visits what is gone; raise BaselineError.

    A baseline without any of the report's pages is one of another site.
    """
    visited = {_path(one.url) for one in report.visits}
    if visited and visited.isdisjoint(baseline.pages):
        raise BaselineError(
            f"{baseline.name}: has none of the pages that were visited, so it is of another site; "
            "name a report of this one"
        )
    report.baseline = baseline.began
    found = {
        _key(visit.url, visit.blocker, one.kind, one.target)
        for visit in report.visits
        for one in visit.problems
    }
    seen = {(_path(one.url), one.blocker) for one in report.visits if not one.error}
    report.gone = [
        one for key, one in baseline.problems.items() if key not in found and key[:2] in seen
    ]


def compared(old: Baseline, new: Baseline) -> tuple[list[str], int]:
    """Return lines on what is new, known and gone between two reports, and the exit status."""
    if new.pages and old.pages.isdisjoint(new.pages):
        raise BaselineError(f"{new.name}: has no page that {old.name} has; name two of one site")
    lines: list[str] = []
    for word, found in (
        ("new", [one for key, one in new.problems.items() if key not in old.problems]),
        ("gone", [one for key, one in old.problems.items() if key not in new.problems]),
        ("known", [one for key, one in new.problems.items() if key in old.problems]),
    ):
        lines.append(f"{word}: {len(found)}")
        lines += [f"  {one.kind}: {one.text} ({one.url} under {one.blocker})" for one in found]
    return lines, 0 if new.problems.keys() <= old.problems.keys() else 1


def _key(url: str, blocker: str, kind: str, target: str) -> _Key:
    parts = urlsplit(target) if "://" in target else None
    return _path(url), blocker, kind, plain(parts.path if parts else target)


def _path(url: str) -> str:
    parts = urlsplit(url)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
