"""What filter lists do with one name: whether they match it, by which lines, what exempts it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from detector.filter_lists.engine import Lists
from detector.filter_lists.fetch import Source
from detector.filter_lists.rule_index import Found, Index, Mark

# A name that no list contains: on localhost the lists switch parts of themselves off.
PAGE = "https://news.example/article/1"


class Matcher:
    """Some lists combined and each alone: the engines' verdict, and the lines behind it.

    Raises ListError when the engine is not installed.
    """

    def __init__(self, sources: Iterable[Source], alone: Mapping[str, Lists] | None = None) -> None:
        """`alone` are engines of single lists that are compiled already, by label."""
        self.sources = tuple(sources)
        have = alone or {}
        self.alone = {one.label: have.get(one.label) or Lists([one]) for one in self.sources}
        single = len(self.sources) == 1
        self.together = self.alone[self.sources[0].label] if single else Lists(self.sources)
        self.index = Index(self.sources, PAGE)

    def only(self, sources: Iterable[Source]) -> Matcher:
        """Return a matcher of some of the lists."""
        wanted = tuple(sources)
        return self if wanted == self.sources else Matcher(wanted, self.alone)

    def request(self, url: str, kind: str) -> Found:
        """Return what the lists do with a request, and by which lines."""
        found = self.index.request(url, kind)
        hits: list[Mark] = []
        spared = list(found.spared)
        for source in self.sources:
            lines = [mark for mark in found.hits if mark.list == source.label]
            if self.alone[source.label].hits(url, PAGE, kind):
                text = self.alone[source.label].rule(url, PAGE, kind)[0]
                hits += lines or [self.locate(text, [source])]
            elif any(mark.list == source.label for mark in spared):
                hits += lines
        hit = self.together.hits(url, PAGE, kind)
        if not hit and hits and not spared:
            spared.append(self.locate(self.together.rule(url, PAGE, kind)[1], self.sources))
        known = found.live or not (found.hits or any(m.why != "cancelled" for m in found.spared))
        return Found(tuple(hits), tuple(spared), hit and known)

    def element(self, name: str) -> Found:
        """Return what the lists do with an element of the class `.name` or the id `#name`."""
        found = self.index.element(name)
        given = {"classes" if name[0] == "." else "ids": [name[1:]]}
        hit = name in self.together.hides(**given)
        return replace(found, live=found.live and hit)

    def locate(self, text: str, sources: Iterable[Source]) -> Mark:
        """Find the line of a rule that only the engine parsed; 0 when there is none."""
        lines = (
            Mark(source.label, number, text, "exception" if text.startswith("@@") else "")
            for source in sources
            for number, line in enumerate(source.lines, 1)
            if line.strip() == text
        )
        return next(lines, Mark("", 0, text))
