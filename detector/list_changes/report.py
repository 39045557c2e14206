"""Changes for people, a line each, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict

from detector.core.printable import printable
from detector.filter_lists.fetch import Source
from detector.filter_lists.rule_index import Mark
from detector.lint.report import rule
from detector.list_changes.baits import BaitChange
from detector.list_changes.changes import Change, Changes
from detector.list_changes.site_rules import SiteRule

_SHOWN = 5


def lines(changes: Changes, baits: Iterable[BaitChange]) -> Iterator[str]:
    """Yield a line for each change: what is new, the site's own rules, what is gone, baits."""
    for text in (
        *(_line(one, "will hide", "will block") for one in changes.new),
        *map(_site_rule, changes.rules),
        *(_line(one, "no longer hides", "no longer blocks") for one in changes.gone),
        *map(_bait, baits),
    ):
        yield printable(text)


def summary(changes: Changes, baits: Sequence[BaitChange]) -> str:
    """Return the last line of a run."""
    notes = sum(not one.fails for one in changes.new)
    dies = sum(one.change == "dies" for one in baits)
    return (
        f"{len(changes.new) - notes + len(changes.rules)} new, {notes} of other sites, "
        f"{len(changes.gone)} no longer; of the baits {dies} die and "
        f"{len(baits) - dies} live by one rule"
    )


def as_json(
    old: Iterable[Source], new: Iterable[Source], changes: Changes, baits: Iterable[BaitChange]
) -> str:
    """Return all of it as JSON."""
    made = {
        "old": {one.label: one.name for one in old},
        "new": {one.label: one.name for one in new},
        "changes": [_entry(one, "new") for one in changes.new]
        + [_entry(one, "gone") for one in changes.gone],
        "site_rules": [
            {**_mark(one.mark), "pages": one.pages, "sure": one.sure} for one in changes.rules
        ],
        "baits": [asdict(one) for one in baits],
    }
    return json.dumps(made, indent=2)


def _line(change: Change, hides: str, blocks: str) -> str:
    name = change.name
    verb, text = (hides, _selector(change)) if name.is_element else (blocks, name.text)
    note = "note: " if not change.fails else ""
    return f"{note}{_rules(change.rules)} {verb} {text} ({name.kind}) on {_places(change.places)}"


def _selector(change: Change) -> str:
    return ("." if change.name.kind == "class" else "#") + change.name.text


def _site_rule(one: SiteRule) -> str:
    verb = "will hide what it names" if one.sure else "may hide something"
    return f"{rule(one.mark)} {verb} on {_places(one.pages)}"


def _bait(one: BaitChange) -> str:
    name = f"the bait {one.name} ({one.type})"
    if one.change == "last":
        return f"{name} lives by one rule, before by {one.before}: {_rules(one.rules)}"
    why = f"; it is spared by {_rules(one.spared)}" if one.spared else ""
    return f"{name} dies: {_rules(one.rules)} acts on it no more{why}"


def _rules(marks: Sequence[Mark]) -> str:
    more = f" and {len(marks) - 2} more" if len(marks) > 2 else ""
    return " and ".join(map(rule, marks[:2])) + more


def _places(places: Sequence[str]) -> str:
    more = f" and {len(places) - _SHOWN} more" if len(places) > _SHOWN else ""
    return ", ".join(places[:_SHOWN]) + more


def _mark(mark: Mark) -> dict[str, object]:
    return {"list": mark.list, "line": mark.line, "rule": mark.rule}


def _entry(change: Change, word: str) -> dict[str, object]:
    return {
        "change": word,
        "name": change.name.text,
        "kind": change.name.kind,
        "level": change.level,
        "rules": list(map(_mark, change.rules)),
        "places": change.places,
    }
