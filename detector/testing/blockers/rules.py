"""The rules of filter lists behind what a test found: which lines hide an element."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from detector.filter_lists.explain import Explainer
from detector.filter_lists.fetch import ListError, read_all
from detector.lint.report import rule
from detector.testing.blockers.lists import filter_lists
from detector.testing.blockers.model import Blocker, BlockerError, Options
from detector.testing.browsers import BrowserMissing

_MOST = 3


def why_hidden(names: Iterable[str], blocker: Blocker, options: Options) -> str:
    """Return the lines that hide an element with these names, `.class` or `#id`, as a sentence.

    "" where no line does, or where there are no lists or no engine to match them with.
    """
    if blocker.acts != "page":
        return ""
    try:
        explainer = _explainer(tuple(str(one.path) for one in filter_lists(options)))
    except (BlockerError, BrowserMissing, ListError):
        return ""
    explained = map(explainer.element, names)
    found = [mark for one in explained if one.live for mark in one.hits]
    sure = "most likely by" if blocker.real else "by"
    return f"; hidden {sure} {'; '.join(map(rule, found[:_MOST]))}" if found else ""


@lru_cache(maxsize=2)
def _explainer(files: tuple[str, ...]) -> Explainer:
    return Explainer(read_all(files))
