"""Finds the lines of filter lists that act on a name, and the lines that exempt it.

The engine decides whether a name is matched; this index explains it, and covers what the engine's
syntax omits: generic `#@#` exceptions, stand-ins, rules that detect baits.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from detector.filter_lists.engine import KINDS
from detector.filter_lists.fetch import Source
from detector.filter_lists.rules import Hide, Network, parse

Why = Literal["", "exception", "stub", "cancelled", "unhidden", "excluded", "page"]


@dataclass(frozen=True, slots=True)
class Mark:
    """One line of one list that acts on a name, or, with `why`, that exempts it.

    exception: a rule with @@. stub: a stand-in is loaded. cancelled: the rule by $badfilter.
    unhidden: a generic #@#. excluded: hides only what is not a known bait. page: no generic hiding.
    """

    list: str
    line: int
    rule: str
    why: Why = ""


@dataclass(frozen=True, slots=True)
class Found:
    """The lines that act on a name, the lines that exempt it, and the outcome."""

    hits: tuple[Mark, ...]
    spared: tuple[Mark, ...]
    live: bool


class Index:
    """The generic rules of some lists, combined as one blocker would."""

    def __init__(self, sources: Iterable[Source], page: str) -> None:
        self._page = page
        self._host = urlsplit(page).hostname or ""
        self._network: list[tuple[str, str, Network]] = []
        self._cancelled: dict[object, Mark] = {}
        self._hides: defaultdict[str, list[tuple[str, Hide]]] = defaultdict(list)
        self._unhidden: defaultdict[str, list[Mark]] = defaultdict(list)
        self.on_sites: Counter[str] = Counter()
        for source in sources:
            for number, line in enumerate(source.lines, 1):
                self._add(source.label, parse(number, line))
        self._spared = tuple(
            Mark(label, rule.line, rule.text, "page")
            for label, _, rule in self._network
            if rule.options.spares_elements and rule.acts("page", self._host) and rule.fits(page)
        )

    def _add(self, label: str, rule: object) -> None:
        if isinstance(rule, Network):
            if rule.options.badfilter:
                self._cancelled[rule.key] = Mark(label, rule.line, rule.text, "cancelled")
            elif not rule.options.inert and not rule.pattern.startswith("||"):
                self._network.append((label, rule.literal, rule))
        elif isinstance(rule, Hide):
            if not rule.exception:
                self._hides[rule.name].append((label, rule))
            elif rule.generic:
                mark = Mark(label, rule.line, rule.text, "unhidden")
                self._unhidden[rule.name + rule.excludes].append(mark)
            else:
                self.on_sites[rule.name] += 1

    def request(self, url: str, kind: str) -> Found:
        """Explain a request of the page, of type script, image, fetch or an engine's type."""
        low = url.lower()
        kind = KINDS.get(kind, kind)
        hits: list[Mark] = []
        spared: list[Mark] = []
        important = exception = firm = stub = False
        for label, literal, rule in self._network:
            if literal not in low or not rule.acts(kind, self._host) or not rule.fits(url):
                continue
            has = rule.options
            if rule.key in self._cancelled:
                spared.append(self._cancelled[rule.key])
            elif rule.exception:
                if not has.stub:
                    exception = True
                    firm = firm or has.important
                    spared.append(Mark(label, rule.line, rule.text, "exception"))
            else:
                if has.stub:
                    stub = True
                    spared.append(Mark(label, rule.line, rule.text, "stub"))
                if not has.stub_only:
                    important = important or has.important
                    hits.append(Mark(label, rule.line, rule.text))
        excepted = exception and (firm or not important)
        return Found(tuple(hits), tuple(spared), bool(hits) and not excepted and not stub)

    def element(self, name: str) -> Found:
        """Explain an element with one class `.name` or id `#name`."""
        hits: list[Mark] = []
        spared: list[Mark] = [*self._unhidden.get(name, ()), *self._spared]
        for label, rule in self._hides.get(name, ()):
            if rule.excludes:
                spared.append(Mark(label, rule.line, rule.text, "excluded"))
            else:
                hits.append(Mark(label, rule.line, rule.text))
        unhidden = name in self._unhidden or self._spared
        return Found(tuple(hits), tuple(spared), bool(hits) and not unhidden)

    def blocking(self) -> list[Network]:
        """Return every blocking rule that is not bound to hosts, in the order of the lists."""
        return [
            rule
            for _, _, rule in self._network
            if not (rule.exception or rule.options.stub or rule.key in self._cancelled)
        ]

    def hidden(self) -> list[str]:
        """Return every class and id that a plain rule hides, each once, with its `.` or `#`."""
        hides = self._hides.items()
        return [name for name, rules in hides if not all(r.excludes for _, r in rules)]
