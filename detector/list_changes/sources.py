"""The lists that are compared: each side is a file, an address, or a folder of lists."""

from __future__ import annotations

from pathlib import Path

from detector.filter_lists.fetch import ListError, Source, read_all

LONGEST = 200_000
"""Characters of a line; the longest of the default lists had 30,000 in 2026."""


def side(name: str) -> list[Source]:
    """Return the lists of one side; raise ListError, for a folder without lists too."""
    if "://" in name or not Path(name).is_dir():
        return _checked(read_all([name]))
    files = sorted(str(one) for one in Path(name).glob("*.txt") if one.is_file())
    if not files:
        raise ListError(f"{name}: has no list in it; name a list, or a folder with *.txt files")
    return _checked(read_all(files))


def _checked(sources: list[Source]) -> list[Source]:
    """Raise ListError for a line that is no rule: what it did would not be known."""
    for source in sources:
        for number, line in enumerate(source.lines, 1):
            if len(line) > LONGEST:
                raise ListError(
                    f"{source.name}: line {number} has {len(line):,} characters, and no rule has "
                    f"more than {LONGEST:,}; get the list again"
                )
    return sources
