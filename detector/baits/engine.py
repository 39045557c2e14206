"""Matches URLs and element names against real filter lists, with Brave's engine.

Needs the extra `[baits]`. Lists are files that the caller names; none ships with the package.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from detector.baits.pool import Type

_NAME = re.compile(r"[.#][\w-]+")
# How the engine calls what the page does.
_KINDS: dict[str, str] = {"script": "script", "image": "image", "fetch": "xmlhttprequest"}


class ListError(ValueError):
    """A list cannot be used; the text names the file and how to mend it."""


class Lists:
    """Some filter lists, compiled; one object serves any number of questions."""

    def __init__(self, files: Iterable[Path]) -> None:
        try:
            import adblock
        except ImportError:
            raise ListError(
                "matching filter lists needs an engine: pip install 'adblock-detector[baits]'"
            ) from None
        filters = adblock.FilterSet()
        for file in files:
            filters.add_filters(_read(file).splitlines())
        self._engine: Any = adblock.Engine(filters)

    def hits(self, url: str, page: str, kind: Type | str) -> bool:
        """Say whether a page's request is blocked or replaced."""
        found = self._engine.check_network_urls(url, page, _KINDS.get(kind, kind))
        return bool((found.matched and not found.exception) or found.redirect)

    def hides(self, classes: Iterable[str] = (), ids: Iterable[str] = ()) -> list[str]:
        """Give the generic selectors that hide an element with some of these names."""
        given = {*("." + name for name in classes), *("#" + name for name in ids)}
        found: list[str] = self._engine.hidden_class_id_selectors(
            [name[1:] for name in given if name[0] == "."],
            [name[1:] for name in given if name[0] == "#"],
            set(),
        )
        # The engine looks up one name of a compound selector: it hides only who has all of them.
        return sorted(one for one in found if given >= set(_NAME.findall(one)))


def _read(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except OSError as error:
        raise ListError(f"{file}: cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise ListError(f"{file}: is not UTF-8 text; name a filter list in text form") from None
