"""The fenced blocks of README and docs/, with what an HTML comment before each says of it.

`<!-- context: flask, wsgi -->` names the code that a Python block is added to, and
`<!-- unchecked: REASON -->` takes a block out of the checks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.support.root import ROOT

PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))
OUTPUT = "text"
"""The language of what commands print, and of other text that no program reads."""

_BLOCK = re.compile(
    r"^(?:<!-- (?P<key>context|unchecked): (?P<value>.+?) -->\n)?"
    r"^(?P<fence>```|:::)(?P<language>[^\n]*)\n(?P<text>.*?)^(?P=fence)$",
    re.M | re.S,
)


@dataclass(frozen=True)
class Block:
    """One block and where it stands."""

    page: Path
    line: int
    language: str
    text: str
    context: tuple[str, ...] = ()
    unchecked: str = ""

    def __str__(self) -> str:
        """Return where it stands."""
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def blocks(*languages: str) -> list[Block]:
    """Return all blocks of some languages that are to be checked."""
    return [one for one in every() if one.language in languages and not one.unchecked]


def every() -> Iterator[Block]:
    """Yield every block with code, those that directives make of the code apart."""
    for page in PAGES:
        yield from of_text(page.read_text("utf-8"), page)


def of_text(text: str, page: Path) -> Iterator[Block]:
    """Yield the blocks of one page."""
    for found in _BLOCK.finditer(text):
        language = found["language"].strip()
        if language.startswith("{"):
            continue
        key, value = found["key"], found["value"] or ""
        yield Block(
            page,
            text.count("\n", 0, found.start("fence")) + 1,
            language,
            found["text"],
            tuple(value.split(", ")) if key == "context" else (),
            value if key == "unchecked" else "",
        )
