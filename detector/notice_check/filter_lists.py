"""Which filter lists would hide the notice or stop its files. Needs the extra `[baits]`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from detector.core.baits.pool import load
from detector.filter_lists.engine import Lists
from detector.filter_lists.fetch import Source, read_all
from detector.filter_lists.matcher import PAGE
from detector.filter_lists.served import served
from detector.notice_check.elements import NAMES, hidden_by
from detector.notice_check.finding import Finding

if TYPE_CHECKING:
    from detector.core.config.options import Config

_CHOSEN = re.compile(
    r"annoyance|warning.removal|\bnotices\b|\bpop-?ups\b|don't care", re.IGNORECASE
)
_TITLE = re.compile(r"!\s*Title:\s*(.+)")


@dataclass(frozen=True, slots=True)
class Act:
    """One rule of a list that acts on the notice: on what, and the list's line, 0 if unknown."""

    on: str
    rule: str
    line: int


@dataclass(frozen=True, slots=True)
class Held:
    """One list and what it does; `chosen` marks opt-in lists."""

    label: str
    title: str
    rules: int
    chosen: bool
    acts: tuple[Act, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return the list as a dict for JSON."""
        acts = [{"on": act.on, "rule": act.rule, "line": act.line} for act in self.acts]
        own = {"list": self.label, "title": self.title, "rules": self.rules, "opt_in": self.chosen}
        return {**own, "acts": acts}


def hold(config: Config, names: Iterable[str]) -> list[Held]:
    """Match the served names and the notice's elements against each list; raise ListError."""
    urls = [(name.text, name.kind) for name in served(config.secret, load(config.baits_file))]
    return [_held(source, urls) for source in read_all(names)]


def _held(source: Source, urls: Sequence[tuple[str, str]]) -> Held:
    lists = Lists([source])
    acts: dict[str, Act] = {}
    for url, kind in urls:
        if lists.hits(url, PAGE, kind):
            rule = lists.rule(url, PAGE, kind)[0]
            acts.setdefault(rule, Act(f"{url} as {kind}", rule, _line(source, rule)))
    for selector in lists.selectors(PAGE, NAMES, NAMES):
        if element := hidden_by(selector):
            what = f"{element.tag}{''.join('.' + name for name in element.names.split())}"
            acts[selector] = Act(what, "##" + selector, _line(source, "##" + selector))
    title = next((found[1] for line in source.lines[:30] if (found := _TITLE.match(line))), "")
    chosen = bool(_CHOSEN.search(title) or _CHOSEN.search(source.label))
    return Held(source.label, title.strip(), source.rules, chosen, tuple(acts.values()))


def _line(source: Source, rule: str) -> int:
    lines = (n for n, line in enumerate(source.lines, 1) if line.strip().lstrip("*") == rule)
    return next(lines, 0)


def findings(held: Iterable[Held]) -> Iterator[Finding]:
    """Yield a finding for each list that acts: an error, or a choice that is respected."""
    for one in held:
        if not one.acts:
            continue
        first = one.acts[0]
        more = f" and {len(one.acts) - 1} more" if len(one.acts) > 1 else ""
        what = f"acts on {first.on} ({first.rule}{f', line {first.line}' if first.line else ''})"
        if one.chosen:
            yield Finding(
                one.label,
                f"{what}{more}",
                "respected: people who chose it are not asked",
                "note",
            )
        else:
            yield Finding(
                one.label,
                f"{what}{more}: people with this list do not see the notice",
                "if it names an address, set another secret and keep this one in "
                "previous_secrets; otherwise report the rule to adblock-detector",
            )
