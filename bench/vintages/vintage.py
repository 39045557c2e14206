"""One vintage: the filter lists of one date, in a folder that is called like the date."""

from __future__ import annotations

import lzma
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.table import BenchError
from detector.filter_lists.blockers import Blocker, blockers
from detector.filter_lists.fetch import Source, read_all
from detector.filter_lists.matcher import Matcher


@dataclass(frozen=True, slots=True)
class Vintage:
    """The lists of a date; `brave` is the label of Brave's own, or empty."""

    date: date
    sources: tuple[Source, ...]
    brave: str

    def matcher(self) -> Matcher:
        """Return a matcher of all its lists."""
        return Matcher(self.sources)

    def blockers(self) -> list[Blocker]:
        """Return the blockers that its lists make up."""
        return blockers(self.sources, self.brave)


def read(folders: Iterable[Path]) -> list[Vintage]:
    """Return the vintages in these folders, or in the folders within them, by date.

    Raises BenchError for a folder without a date as its name, or without lists.
    """
    found = {}
    for folder in folders:
        if not folder.is_dir():
            raise BenchError(f"{folder} is no folder; name folders called like 2026-01-31")
        inner = [folder] if _date(folder) else sorted(filter(Path.is_dir, folder.iterdir()))
        for each in inner:
            day = _date(each)
            if day is None:
                raise BenchError(f"{each} is not called like a date, such as 2026-01-31")
            found[day] = _vintage(day, each)
    if len(found) < 2:
        raise BenchError("name at least two folders: one to pick from, and a later one to test on")
    return [found[day] for day in sorted(found)]


def later(vintages: Iterable[Vintage], start: date, months: int) -> Vintage | None:
    """Return the first vintage at least so many months (of 30.4 days) after a date, or None.

    A few days less are enough: dates are of commits, and months are not equally long.
    """
    days = round(months * 30.4) - 6
    return next((one for one in vintages if (one.date - start).days >= days), None)


def _date(folder: Path) -> date | None:
    try:
        return date.fromisoformat(folder.name)
    except ValueError:
        return None


def _vintage(day: date, folder: Path) -> Vintage:
    with _texts(folder) as files:
        sources = read_all(map(str, files))
    if not sources:
        raise BenchError(f"{folder} has no list: put *.txt or *.txt.xz files there")
    brave = next((s.label for s in sources if "brave" in s.label.lower()), "")
    if len(sources) == bool(brave):
        raise BenchError(f"{folder} has Brave's list only; EasyList is needed too")
    return Vintage(day, tuple(sources), brave)


@contextmanager
def _texts(folder: Path) -> Iterator[list[Path]]:
    """Yield the lists of a folder as text files; those ending in .xz are unpacked meanwhile."""
    with TemporaryDirectory() as temporary:
        files = sorted(folder.glob("*.txt"))
        for packed in sorted(folder.glob("*.txt.xz")):
            files.append(Path(temporary, packed.stem))
            try:
                files[-1].write_bytes(lzma.decompress(packed.read_bytes()))
            except lzma.LZMAError as error:
                raise BenchError(f"{packed} cannot be unpacked ({error})") from None
        yield files
