"""Why filter lists stop a request or hide an element of some page: every line that would do it.

Brave's engine decides; the lines are then found by their own patterns and options, since an engine
names one rule at most.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache, cached_property
from urllib.parse import urlsplit

from detector.filter_lists.engine import KINDS, Lists
from detector.filter_lists.fetch import Source
from detector.filter_lists.matcher import PAGE
from detector.filter_lists.rule_index import Found, Index, Mark
from detector.filter_lists.rules import Network, network
from detector.filter_lists.sites import site_of

_TOKEN = re.compile(r"[a-z0-9]{3,}")


class Explainer:
    """Some lists, compiled once; answers any number of questions about any page.

    Raises ListError when the engine is not installed.
    """

    def __init__(self, sources: Iterable[Source]) -> None:
        self.sources = tuple(sources)
        self.engine = Lists(self.sources)

    @cached_property
    def _elements(self) -> Index:
        return Index(self.sources, PAGE)

    @cached_property
    def _by_token(self) -> dict[str, list[tuple[str, Network]]]:
        """Rules by a word that each URL they match contains; those without one under ""."""
        found: defaultdict[str, list[tuple[str, Network]]] = defaultdict(list)
        for source in self.sources:
            for number, line in enumerate(source.lines, 1):
                text = line.strip()
                if not text or text[0] in "![#" or "##" in text or "#@" in text or "#?" in text:
                    continue
                rule = network(number, text)
                if isinstance(rule, Network) and not rule.options.inert:
                    words = _TOKEN.findall(rule.literal)
                    # A word at an end of the literal may go on in the URL.
                    found[max(words, key=len, default="")].append((source.label, rule))
        return dict(found)

    def request(self, url: str, kind: str, page: str = PAGE) -> Found:
        """Return the lines that stop a request of a page, and those that let it through.

        `kind` is script, image or fetch, or an engine's name of a type.
        """
        blocked, text, exception = self.engine.check(url, page, kind)
        if not blocked and not text:
            return Found((), (), live=False)
        matching = list(self._matching(url, KINDS.get(kind, kind), page))
        hits = [mark for mark in matching if not mark.why] or [self._place(text)]
        spared = [mark for mark in matching if mark.why]
        if not blocked and not spared and exception:
            spared = [self._place(exception, "exception")]
        return Found(tuple(hits), tuple(spared), live=blocked)

    def element(self, name: str) -> Found:
        """Return the lines that hide an element with the class `.name` or the id `#name`."""
        found = self._elements.element(name)
        if not found.live:
            return found
        given = {"classes" if name[0] == "." else "ids": [name[1:]]}
        return Found(found.hits, found.spared, name in self.engine.hides(**given))

    def _matching(self, url: str, kind: str, page: str) -> Iterator[Mark]:
        low = url.lower()
        host, asked = (urlsplit(one).hostname or "" for one in (page, url))
        third = site_of(host) != site_of(asked)
        for word in ("", *sorted(_words(low))):
            for label, rule in self._by_token.get(word, ()):
                has = rule.options
                if rule.literal not in low or not rule.applies(kind, host, asked, third=third):
                    continue
                if rule.fits(url) and not has.badfilter:
                    yield Mark(label, rule.line, rule.text, "exception" if rule.exception else "")

    def _place(self, text: str, why: str = "") -> Mark:
        """Return the line of a rule that is not found by its parts; its number is 0 for none."""
        for source in self.sources:
            if (number := self._numbers(source).get(text)) is not None:
                return Mark(source.label, number, text, "exception" if why else "")
        return Mark("", 0, text, "exception" if why else "")

    @cache  # noqa: B019 - one object a run
    def _numbers(self, source: Source) -> dict[str, int]:
        return {line.strip(): number for number, line in enumerate(source.lines, 1)}


def _words(text: str) -> set[str]:
    """Return each run of letters and digits in a text, and its parts of three or more."""
    runs = (found[:64] for found in _TOKEN.findall(text))
    return {
        run[start:end]
        for run in runs
        for start in range(len(run) - 2)
        for end in range(start + 3, len(run) + 1)
    }
