"""A folder of Parquet files, one for each day of each site (extra `[parquet]`).

A file is written under a temporary name, flushed to the disk and renamed. What the export must know
about a day stands in its file, so that there is no list beside the files to disagree with them.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import json
import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import quote

import pyarrow
from pyarrow import parquet

from detector.warehouse.schema import VERSION, Exported, Row, date_of
from detector.warehouse.target import ExportError

_TEXT = pyarrow.string()
SCHEMA = pyarrow.schema(
    [
        pyarrow.field(name, kind, nullable=False)
        for name, kind in (
            ("day", pyarrow.date32()),
            ("hour", pyarrow.timestamp("ms")),
            ("hours", pyarrow.int16()),
            *((name, _TEXT) for name in ("site", "dimension", "value", "state", "action")),
            ("n", pyarrow.int64()),
        )
    ]
)
_NOTE = b"detector"
_LONGEST = 120
_UNFINISHED = ".part"
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class ParquetFolder:
    """An open folder; one process at a time may write to it."""

    def __init__(self, folder: str | Path) -> None:
        self._folder = Path(folder)
        with _explained(self._folder):
            self._folder.mkdir(exist_ok=True)
            self._lock = (self._folder / ".lock").open("ab")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._lock.close()
            if error.errno not in (errno.EAGAIN, errno.EACCES):
                raise _failed(self._folder, error) from None
            raise ExportError(
                f"another export writes to {self._folder}: wait until it has ended"
            ) from None

    def exported(self, site: str) -> dict[int, Exported]:
        """Return the days that there are of a site; remove what an export left unfinished."""
        folder = self._folder / folder_name(site)
        found: dict[int, Exported] = {}
        with _explained(folder):
            for path in sorted(folder.iterdir()) if folder.is_dir() else ():
                if path.name.startswith(".") and path.name.endswith(_UNFINISHED):
                    path.unlink()
                elif path.suffix == ".parquet":
                    day = _day(path)
                    found[day] = _noted(path, site)
        return found

    @contextlib.contextmanager
    def writing(self, site: str, day: int) -> Iterator[ParquetDay]:
        """Begin a file."""
        folder = self._folder / folder_name(site)
        path = folder / f"{date_of(day)}.parquet"
        unfinished = folder / f".{path.name}{_UNFINISHED}"
        with _explained(folder):
            folder.mkdir(exist_ok=True)
            try:
                with unfinished.open("wb") as file:
                    made = ParquetDay(file, unfinished, path, site)
                    try:
                        yield made
                    finally:
                        made.end()
            finally:
                with contextlib.suppress(FileNotFoundError):
                    unfinished.unlink()

    def close(self) -> None:
        """Release the lock."""
        self._lock.close()


class ParquetDay:
    """One file that is being written; see `DayWriter`."""

    def __init__(self, file: BinaryIO, unfinished: Path, path: Path, site: str) -> None:
        self._file, self._unfinished, self._path, self._site = file, unfinished, path, site
        self._writer = parquet.ParquetWriter(file, SCHEMA, compression="zstd")

    def write(self, rows: list[Row]) -> None:
        """Add some rows, as a row group."""
        columns = zip(SCHEMA, zip(*rows, strict=True), strict=True)
        arrays = [pyarrow.array(values, kind.type) for kind, values in columns]
        self._writer.write_batch(pyarrow.RecordBatch.from_arrays(arrays, schema=SCHEMA))

    def commit(self, noted: Exported) -> None:
        """Finish the file and give it its name."""
        note = {"version": VERSION, "site": self._site, **noted._asdict()}
        self._writer.add_key_value_metadata({_NOTE.decode(): json.dumps(note)})
        self._writer.close()
        self._file.flush()
        os.fsync(self._file.fileno())
        self._unfinished.rename(self._path)
        _sync(self._path.parent)

    def end(self) -> None:
        """Close the writer, also of what was not committed."""
        with contextlib.suppress(OSError, pyarrow.ArrowException):
            self._writer.close()


def folder_name(site: str) -> str:
    """Return the name of a site's folder: the site's, with %XX for what a file system may refuse.

    Long ones end in a hash, since a name has at most 255 bytes.
    """
    name = quote(site, safe="")
    if name.startswith("."):
        name = f"%2E{name[1:]}"
    if len(name) > _LONGEST:
        name = f"{name[:_LONGEST]}-{hashlib.sha256(site.encode()).hexdigest()[:16]}"
    return name


def _day(path: Path) -> int:
    try:
        return (date.fromisoformat(path.stem) - date(1970, 1, 1)).days * 24
    except ValueError:
        raise _foreign(path) from None


def _noted(path: Path, site: str) -> Exported:
    try:
        found: dict[bytes, bytes] = parquet.read_metadata(path).metadata or {}
        note: dict[str, Any] = json.loads(found[_NOTE])
        version, whose = note.pop("version"), note.pop("site")
        exported = Exported(**note) if version == VERSION else None
    except (pyarrow.ArrowException, KeyError, TypeError, ValueError):
        raise _foreign(path) from None
    if exported is None:
        raise ExportError(
            f"{path} has version {version} of the columns, this adblock-detector knows {VERSION}: "
            "install the release that wrote it, or name another folder (--into)"
        )
    if whose != site:
        raise ExportError(
            f"{path} is of the site {whose!r}, not of {site!r}, since this file system takes both "
            "names for one: export one of them to another folder (--site, --into)"
        )
    return exported


def _foreign(path: Path) -> ExportError:
    return ExportError(
        f"{path} is no file of detector export, or damaged: move it away, then run this again"
    )


def _sync(folder: Path) -> None:
    """Write a folder's new name to the disk."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


@contextlib.contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _failed(path, error) from None


def _failed(path: Path, error: OSError) -> ExportError:
    fix = "name a folder in which you may write (--into)"
    if error.errno in _FULL:
        fix = "make room, then run this again: days that are written stay"
    return ExportError(f"{path} cannot be written: {error.strerror or error}; {fix}")
