"""Parses the plain part of a filter list's blocking lines, for conversion to other forms.

Not the whole syntax: patterns with request types, parties and domains. A line with anything else in
it is rejected, because half of a rule would block what the list does not.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

# Types of requests, by their names in lists.
TYPES = (
    *("script", "image", "stylesheet", "xmlhttprequest", "subdocument", "media", "font", "ping"),
    *("websocket", "object", "other"),
)
_OPTIONS = re.compile(r"\$((?:~?[a-z-]+(?:=[^,]*)?)(?:,~?[a-z-]+(?:=[^,]*)?)*)$")
# A shorter pattern matches too much.
_SHORTEST = 4


@dataclass(frozen=True)
class Line:
    """One line: what it matches, which of the known types it applies to, and where it acts.

    `third_party` is None if the party does not matter.
    """

    pattern: str
    types: frozenset[str]
    third_party: bool | None = None
    domains: tuple[str, ...] = ()
    not_domains: tuple[str, ...] = ()


def read_line(line: str, known: Collection[str] = TYPES) -> Line | None:
    """Parse a blocking line; return None if it is not understood."""
    options = _OPTIONS.search(line)
    pattern = line[: options.start()] if options else line
    # A regular expression between slashes uses another syntax.
    if pattern.startswith("/") and pattern.endswith("/") and len(pattern) > 1:
        return None
    if len(pattern.strip("*|^")) < _SHORTEST:
        return None
    types: set[str] = set()
    refused: set[str] = set()
    third_party: bool | None = None
    names: list[str] = []
    for option in options[1].split(",") if options else ():
        name, _, value = option.partition("=")
        bare = name.removeprefix("~")
        if bare in known:
            (types if bare == name else refused).add(bare)
        elif bare == "third-party":
            third_party = bare == name
        elif name == "domain":
            names = value.split("|")
        else:
            return None
    return Line(
        pattern,
        frozenset((types or set(known)) - refused),
        third_party,
        tuple(name for name in names if not name.startswith("~")),
        tuple(name[1:] for name in names if name.startswith("~")),
    )
