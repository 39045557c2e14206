"""The rules of filter lists behind blocked requests and hidden elements.

An emulated blocker decides by the lists that are matched here, so its rules are known. What a real
extension decided cannot be read: the lists that it has are matched afterwards, and the rules are
the most likely ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cached_property
from urllib.parse import urlsplit

from detector.audit.model import Cause, Failed, PageVisit, Problem
from detector.filter_lists.explain import Explainer
from detector.filter_lists.fetch import ListError, read_all
from detector.filter_lists.rule_index import Found
from detector.filter_lists.unread import unread
from detector.lint.findings import Judge
from detector.lint.suggest import suggest
from detector.testing.blockers.lists import FilterList, filter_lists
from detector.testing.blockers.model import ENGINE, Blocker, BlockerError, Options
from detector.testing.browsers import BrowserMissing

# An engine's names for a browser's types of requests.
_KINDS = {"xhr": "xmlhttprequest", "fetch": "xmlhttprequest", "document": "subdocument"}


class Causes:
    """Finds rules for one audit; the lists are compiled when the first is asked for."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._known: dict[tuple[str, str, str], Found] = {}
        self.missing = ""
        """Why no rule can be named; "" as long as none was asked for, or if they can be."""

    def unread(self, blockers: Iterable[Blocker]) -> str:
        """Return how many rules the engine skips, "" if none or if no blocker needs it."""
        emulated = any(one.lists == ENGINE for one in blockers)
        if not (emulated or "_explainer" in self.__dict__) or not self._explainer:
            return ""
        found = unread(one.lines for one in self._explainer.sources)
        return str(found) if found.count else ""

    def add(self, visit: PageVisit, blocker: Blocker) -> None:
        """Add the rules to a visit's blocked requests and problems."""
        # Tracking protection has a list of its own, which is not a filter list.
        other = blocker.real and blocker.acts != "page" and blocker.name != "firefox-native"
        if other or not (visit.problems or visit.blocked) or not self._judge:
            return
        page = visit.final_url or visit.url
        visit.failed = [
            replace(one, causes=self._request(one, page, blocker)) if one.blocked else one
            for one in visit.failed
        ]
        stopped = {one.url: one for one in visit.blocked}
        visit.problems = [self._explained(one, stopped, blocker) for one in visit.problems]

    def _explained(self, problem: Problem, stopped: dict[str, Failed], blocker: Blocker) -> Problem:
        if problem.kind == "request" and problem.target in stopped:
            one = stopped[problem.target]
            path = urlsplit(one.url)._replace(scheme="", netloc="", query="", fragment="").geturl()
            better = self._better(path, _KINDS.get(one.type, one.type))
            return replace(problem, causes=one.causes, suggestion=better if one.causes else "")
        if problem.kind != "hidden" or not problem.names:
            return problem
        causes: list[Cause] = []
        better = ""
        for name in problem.names:
            found = self._ask(name, "element", "")
            if found.live:
                causes += self._causes(found, blocker)
                better = better or self._better(name[1:], "class" if name[0] == "." else "id")
        return replace(problem, causes=tuple(causes), suggestion=better)

    def _request(self, one: Failed, page: str, blocker: Blocker) -> tuple[Cause, ...]:
        found = self._ask(one.url, _KINDS.get(one.type, one.type), page)
        return self._causes(found, blocker) if found.live else ()

    def _ask(self, text: str, kind: str, page: str) -> Found:
        key = (text, kind, page)
        if key not in self._known:
            explain = self._explainer
            assert explain is not None
            is_element = kind == "element"
            self._known[key] = (
                explain.element(text) if is_element else explain.request(text, kind, page)
            )
        return self._known[key]

    def _causes(self, found: Found, blocker: Blocker) -> tuple[Cause, ...]:
        return tuple(
            Cause(
                mark.list,
                mark.line,
                mark.rule,
                self._dates.get(mark.list, ""),
                likely=blocker.real,
                useless=bool(mark.why),
            )
            for mark in (*found.hits, *found.spared)
        )

    def _better(self, text: str, kind: str) -> str:
        return suggest(self._judge, text, kind) if self._judge else ""

    @cached_property
    def _judge(self) -> Judge | None:
        return Judge(self._explainer) if self._explainer else None

    @cached_property
    def _explainer(self) -> Explainer | None:
        try:
            return Explainer(read_all([str(one.path) for one in self._lists]))
        except (BlockerError, BrowserMissing, ListError) as error:
            self.missing = f"the rules behind findings are not named: {error}"
            return None

    @cached_property
    def _lists(self) -> Sequence[FilterList]:
        return filter_lists(self._options)

    @cached_property
    def _dates(self) -> dict[str, str]:
        explainer = self._explainer
        assert explainer is not None
        pairs = zip(explainer.sources, self._lists, strict=False)
        return {source.label: one.date for source, one in pairs}
