"""What filter lists do with the names in files: findings, in the order of files and lines."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urljoin, urlsplit

from detector.filter_lists.explain import Explainer
from detector.filter_lists.rule_index import Mark
from detector.lint.files import Content, read, walk
from detector.lint.names import Name

Level = Literal["error", "warning", "note"]
"""error: a page has it. warning: a page has it if the file is used as it seems. note: another
site's address, which lists stop on purpose."""

PAGE = "https://news.example/"
"""The address that files are thought to be served under; in no list."""
_FEW = 200
# An address that needs no normalization: no scheme, host, query or steps up.
_PLAIN = re.compile(r"[\w%~./-]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Finding:
    """One use of a name that filter lists act on, with every line of the lists that does it."""

    file: str
    name: Name
    level: Level
    rules: tuple[Mark, ...]
    suggestion: str = ""

    @property
    def effect(self) -> str:
        """What the lists do: hide an element or block a request."""
        return "hidden" if self.name.is_element else "blocked"


class Judge:
    """Answers what lists do with names; asks for each once."""

    def __init__(self, explainer: Explainer, page: str = PAGE) -> None:
        self._explainer = explainer
        self._page = page
        self._known: dict[tuple[str, str], tuple[Mark, ...]] = {}
        self._bases: dict[str, str] = {}

    def rules(self, text: str, kind: str, path: str = "") -> tuple[Mark, ...]:
        """Return the lines that act on a name; `path` is that of the file with a relative one."""
        if kind in ("class", "id"):
            key = (("." if kind == "class" else "#") + text, "element")
        else:
            key = (self.address(text, path), kind)
        if key not in self._known:
            self._known[key] = self._ask(*key)
        return self._known[key]

    def is_foreign(self, text: str) -> bool:
        """Whether an address is on another site than the page."""
        host = urlsplit(self.address(text, "")).hostname
        return host != urlsplit(self._page).hostname

    def address(self, text: str, path: str) -> str:
        """Return the whole address of what a file refers to; empty where there is none."""
        try:
            if path not in self._bases:
                parts = urlsplit(urljoin(self._page, path))
                bare = parts._replace(path=parts.path or "/", query="", fragment="")
                self._bases[path] = bare.geturl()
            base = self._bases[path]
            if _PLAIN.fullmatch(text) and "//" not in text and "./" not in text and text[-1] != ".":
                at = base.index("/", base.index("//") + 2) if text[0] == "/" else 0
                return base[: at or base.rindex("/") + 1] + text
            whole = urljoin(base, text)
            return whole if urlsplit(whole).hostname else ""
        except ValueError:
            return ""

    def _ask(self, text: str, kind: str) -> tuple[Mark, ...]:
        if kind == "element":
            found = self._explainer.element(text)
        elif not text or not text.isprintable():
            return ()
        else:
            found = self._explainer.request(text, kind, self._page)
        return found.hits if found.live else ()


def contents(paths: Iterable[str], jobs: int = 0) -> Iterator[Content]:
    """Yield all files below some paths with their names; `jobs` processes, 0 for one a processor.

    Raises LintError for a path that does not exist.
    """
    found = list(walk(paths))
    jobs = jobs or os.cpu_count() or 1
    if jobs == 1 or len(found) < _FEW:
        yield from (read(path, folder) for path, folder in found)
        return
    with ProcessPoolExecutor(jobs) as pool:
        yield from pool.map(_read, found, chunksize=50)


def _read(pair: tuple[Path, Path]) -> Content:
    return read(*pair)


def findings(
    files: Iterable[Content],
    judge: Judge,
    suggest: Callable[[str, str], str] | None = None,
) -> Iterator[Finding]:
    """Yield what lists do with the names of files; each name once a line."""
    for file in files:
        for name in file.names:
            # A path in a script is relative to the page, that in a style sheet to itself.
            base = file.path if name.use in ("style", "file") else ""
            if rules := judge.rules(name.text, name.kind, base):
                level = _level(name, judge)
                better = suggest(name.text, name.kind) if suggest and level != "note" else ""
                yield Finding(file.name, name, level, rules, better)


def _level(name: Name, judge: Judge) -> Level:
    if not name.is_element and judge.is_foreign(name.text):
        return "note"
    return "error" if name.use == "markup" else "warning"
