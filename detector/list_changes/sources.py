"""The lists that are compared: each side is a file, an address, or a folder of lists."""

from __future__ import annotations

from pathlib import Path

from detector.filter_lists.fetch import ListError, Source, read_all


def side(name: str) -> list[Source]:
    """Return the lists of one side; raise ListError, for a folder without lists too."""
    if "://" in name or not Path(name).is_dir():
        return read_all([name])
    files = sorted(str(one) for one in Path(name).glob("*.txt") if one.is_file())
    if not files:
        raise ListError(f"{name}: has no list in it; name a list, or a folder with *.txt files")
    return read_all(files)
