"""Which files are read, and by which scanner; a file's own path counts as an address."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from detector.lint import css, js, markup
from detector.lint.names import Name, Places, Spotted, Use, type_of

MARKUP = frozenset(
    (
        *("html", "htm", "xhtml", "jinja", "jinja2", "j2", "djhtml", "twig", "njk", "liquid"),
        *("mustache", "hbs", "ejs", "erb", "php", "vue", "svelte", "astro"),
    )
)
STYLES = frozenset(("css", "scss", "less"))
SCRIPTS = frozenset(("js", "mjs", "cjs", "jsx", "ts", "tsx"))
SKIPPED = frozenset(("node_modules", "__pycache__", "venv"))
"""Folders that are not the site's own; those whose name begins with a dot are skipped too."""
LARGEST = 5 * 2**20
_IGNORE = re.compile(r"detector:\s*ignore(-file)?\b")


class LintError(ValueError):
    """Something cannot be linted; the message names it and the fix."""


@dataclass(frozen=True, slots=True)
class Content:
    """A file: its name in findings, the path that a page would ask for, and its names.

    `note` says why it was not read, else it is empty.
    """

    name: str
    path: str
    names: tuple[Name, ...]
    note: str = ""


def walk(given: Iterable[str]) -> Iterator[tuple[Path, Path]]:
    """Yield each file to read, once, with the folder that its address begins at; LintError."""
    seen: set[Path] = set()
    for name in given:
        start = Path(name)
        if not start.exists():
            raise LintError(f"{name}: there is no such file or folder; check the path")
        folder = start if start.is_dir() else Path()
        for path in [start] if start.is_file() else _below(start):
            whole = path.resolve()
            if whole not in seen:
                seen.add(whole)
                yield path, folder


def _below(folder: Path) -> Iterator[Path]:
    for parent, folders, files in os.walk(folder):
        folders[:] = sorted(one for one in folders if one not in SKIPPED and one[0] != ".")
        for file in sorted(files):
            path = Path(parent, file)
            if scanner(file) or type_of(file):
                yield path


def scanner(name: str) -> Use | None:
    """Return how a file is read by its ending; None for one that contains no names."""
    ending = name.rpartition(".")[2].lower()
    if ending in MARKUP:
        return "markup"
    if ending in STYLES:
        return "style"
    return "code" if ending in SCRIPTS else None


def read(path: Path, folder: Path) -> Content:
    """Return a file with its names."""
    name = path.as_posix()
    try:
        address = path.relative_to(folder).as_posix()
    except ValueError:
        address = path.name
    own = [Name(f"/{address}", kind, "file", 1, 1)] if (kind := type_of(path.name)) else []
    use = scanner(path.name)
    if not use:
        return Content(name, address, tuple(own))
    try:
        if path.stat().st_size > LARGEST:
            note = f"is larger than {LARGEST // 2**20} MB, so only its own name was checked"
            return Content(name, address, tuple(own), note)
        text = path.read_text("utf-8", errors="replace")
    except OSError as error:
        return Content(name, address, tuple(own), f"cannot be read ({error.strerror})")
    return Content(name, address, (*own, *scan(text, use, path.suffix.lower())))


def scan(text: str, use: Use, ending: str = "") -> tuple[Name, ...]:
    """Return the names in a text, but for lines that a comment excludes."""
    off = _ignored(text)
    if off is None:
        return ()
    places = Places(text)
    found = (places.name(*one[:2], use, one[2]) for one in _scanned(text, use, ending))
    kept = {name for name in found if name.line not in off}
    return tuple(sorted(kept, key=lambda name: (name.line, name.column)))


def _scanned(text: str, use: Use, ending: str) -> Spotted:
    if use == "markup":
        return markup.names(text)
    if use == "style":
        return css.names(text, nested=ending in (".scss", ".less"))
    return js.names(text)


def _ignored(text: str) -> set[int] | None:
    """Return the numbers of lines with `detector: ignore`, and the next where it stands alone.

    None where the whole file is excluded.
    """
    off: set[int] = set()
    if "detector:" not in text:
        return off
    for number, line in enumerate(text.split("\n"), 1):
        if not (found := _IGNORE.search(line)):
            continue
        if found[1]:
            return None
        off.add(number)
        if re.match(r"\s*(?:#|//|/\*|<!--|\{#|\{%|\{/\*)", line):
            off.add(number + 1)
    return off
