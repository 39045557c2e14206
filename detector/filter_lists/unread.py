"""Counts the rules of filter lists that Brave's engine leaves out, so that every report can say so.

The engine skips what it cannot read without a word: an engine of that rule alone equals an empty
one. What it reads it may still take for something else; `scripts/bench engines` compares results.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any

from detector.filter_lists.fetch import ListError
from detector.filter_lists.rules import Line, parse

_HOSTS = re.compile(r"(?:\d+\.\d+\.\d+\.\d+|::1?|fe80::1%lo0)\s+\S")
_MARK = re.compile(r"#@?(?:\$\?|[?$%])?#|\$@?\$")
_PROCEDURAL = re.compile(
    r":(?:-abp-|has-text|contains|matches-|upward|nth-ancestor|remove|style|xpath|min-text|watch-|"
    r"others|if-not|if|shadow)"
)
# What the engine reads for certain, and most rules are: `scripts/bench engines` checks that.
_READ = re.compile(
    r"(?:[\w.-]+(?:,[\w.-]+)*)?##[.#][a-zA-Z][\w-]*|(?:@@)?\|\|[\w.-]+\^(?:\$(?:third-party|3p))?|"
    r"[\w.-]*/[\w./-]+[\w-]",
    re.ASCII,
)
_BAD = re.compile(r",badfilter\b|\bbadfilter,|\$badfilter$")


@dataclass(frozen=True)
class Unread:
    """How many rules there are, and how many of each kind the engine (name and version) skips."""

    engine: str
    rules: int
    kinds: Counter[str] = field(default_factory=Counter)

    @property
    def count(self) -> int:
        """The rules that the engine skips."""
        return self.kinds.total()

    def __str__(self) -> str:
        """Return one sentence without a full stop."""
        if not self.count:
            return f"{self.engine} reads all {self.rules:,} rules of the lists"
        kinds = ", ".join(f"{kind} {number:,}" for kind, number in self.kinds.most_common())
        share = max(0.1, 100 * self.count / self.rules)
        return (
            f"{self.engine} cannot read {self.count:,} of {self.rules:,} rules of the lists "
            f"({share:.1f} %), so what they do is not seen here: {kinds}"
        )


def unread(lists: Iterable[Iterable[str]]) -> Unread:
    """Count the rules of some lists, each its lines; raise ListError if there is no engine."""
    try:
        import adblock
    except ImportError:
        raise ListError(
            "matching filter lists needs an engine: pip install 'adblock-detector[baits]'"
        ) from None
    empty = compiled(adblock, "")
    rules, kinds = 0, Counter[str]()
    for lines in lists:
        for number, line in enumerate(lines, 1):
            if _READ.fullmatch(line):
                rules += 1
            elif parse(number, line) is not Line.COMMENT:
                rules += 1
                if not reads(adblock, line.strip(), empty):
                    kinds[kind(line)] += 1
    return Unread(f"adblock {version('adblock')}", rules, kinds)


def kind(line: str) -> str:
    """Return the kind of a rule that is not read."""
    text = line.strip()
    if _HOSTS.match(text):
        return "line of a hosts file"
    if not (mark := _MARK.search(text)):
        return "option of a request" if "$" in text else "other rule"
    selector = text[mark.end() :]
    if mark[0] not in ("##", "#@#", "#?#", "#@?#") or selector.startswith(("^", "+js")):
        return "style or script rule"
    if "?" in mark[0] or _PROCEDURAL.search(selector):
        return "procedural selector"
    return "selector with :has()" if ":has(" in selector else "selector"


def reads(module: Any, rule: str, empty: bytes) -> bool:
    """Whether the engine's module reads a rule; `empty` is what no rule is compiled to."""
    if _HOSTS.match(rule):
        return False  # taken for a pattern with a space, which no address has
    # A rule that cancels others is none by itself.
    rule = _BAD.sub("", rule) if "badfilter" in rule else rule
    return compiled(module, rule) != empty


def compiled(module: Any, rule: str) -> bytes:
    """Return an engine of one rule, or of none, as its bytes."""
    filters = module.FilterSet()
    filters.add_filters([rule] if rule else [])
    made: bytes = module.Engine(filters, False).serialize()
    return made
