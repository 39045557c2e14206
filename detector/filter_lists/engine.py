"""Matches URLs and element names against real filter lists, with Brave's engine.

Needs the extra `[baits]`. Lists are files that the caller names; none ships with the package.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from detector.core.baits.pool import Type
from detector.filter_lists.fetch import ListError, Source, read

__all__ = ["KINDS", "ListError", "Lists"]
_NAME = re.compile(r"[.#][\w-]+")
_NAMES = re.compile(r"(?:[.#][\w-]+)+")
_NOT = re.compile(r":not\([^()]*\)")
# The engine's names for the page's requests.
KINDS: dict[str, str] = {"script": "script", "image": "image", "fetch": "xmlhttprequest"}


class Lists:
    """Some filter lists, compiled; one object answers any number of queries."""

    def __init__(self, files: Iterable[Path | Source]) -> None:
        try:
            import adblock
        except ImportError:
            raise ListError(
                "matching filter lists needs an engine: pip install 'adblock-detector[baits]'"
            ) from None
        filters = adblock.FilterSet(True)  # keeps the rules' texts, which `rule` returns
        for file in files:
            filters.add_filters(list(file.lines if isinstance(file, Source) else read(str(file))))
        # Without merging similar rules into one, whose text would contain them all.
        self._engine: Any = adblock.Engine(filters, False)

    def hits(self, url: str, page: str, kind: Type | str) -> bool:
        """Whether a page's request is blocked or replaced."""
        found = self._engine.check_network_urls(url, page, KINDS.get(kind, kind))
        return bool((found.matched and not found.exception) or found.redirect)

    def check(self, url: str, page: str, kind: Type | str) -> tuple[bool, str, str]:
        """Return `hits` and `rule` of a request at once."""
        found = self._engine.check_network_urls(url, page, KINDS.get(kind, kind))
        blocked = bool((found.matched and not found.exception) or found.redirect)
        return blocked, found.filter or "", found.exception or ""

    def rule(self, url: str, page: str, kind: Type | str) -> tuple[str, str]:
        """Return the texts of a rule and an exception that match a request; there may be more."""
        found = self._engine.check_network_urls(url, page, KINDS.get(kind, kind))
        return found.filter or "", found.exception or ""

    def hides(self, classes: Iterable[str] = (), ids: Iterable[str] = ()) -> list[str]:
        """Return the generic selectors that hide an element with some of these names."""
        given = {*("." + name for name in classes), *("#" + name for name in ids)}
        found: list[str] = self._engine.hidden_class_id_selectors(
            [name[1:] for name in given if name[0] == "."],
            [name[1:] for name in given if name[0] == "#"],
            set(),
        )
        return sorted(one for one in found if any(_fits(part, given) for part in one.split(",")))

    def selectors(self, page: str, classes: Iterable[str], ids: Iterable[str]) -> list[str]:
        """Return every selector that hides something; of those keyed by names, these alone.

        A selector may require more than a name; it is returned as the list has it.
        """
        found = self._engine.url_cosmetic_resources(page)
        keyed = self._engine.hidden_class_id_selectors([*classes], [*ids], found.exceptions)
        return sorted({*found.hide_selectors, *keyed})


def _fits(selector: str, given: set[str]) -> bool:
    """Whether the names satisfy a selector; the engine looks up only one name of it."""
    bare = _NOT.sub("", selector).strip()
    return _NAMES.fullmatch(bare) is not None and given >= set(_NAME.findall(bare))
