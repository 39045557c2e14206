"""The folder of files: names, what stands in a file, and what may go wrong with it."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path
from typing import BinaryIO

import pyarrow
import pytest
from pyarrow import parquet

from detector.warehouse import parquet as ours
from detector.warehouse.parquet import SCHEMA, ParquetFolder, folder_name
from detector.warehouse.schema import Exported, Row, row_of
from detector.warehouse.target import ExportError

DAY = 480_000
NOTED = Exported(3, 2, False)
ROWS: list[Row] = [
    row_of((DAY, "news", "all", "", "", "view"), 3, False),
    row_of((DAY + 23, "news", "group", "/ü", "", "view"), 3, False),
]
NAME = "2024-10-04.parquet"


def write(folder: Path, site: str = "news") -> Path:
    """Write one day, and return its file."""
    target = ParquetFolder(folder)
    try:
        with target.writing(site, DAY) as day:
            day.write(ROWS)
            day.commit(NOTED)
    finally:
        target.close()
    return folder / folder_name(site) / NAME


def exported(folder: Path, site: str = "news") -> dict[int, Exported]:
    """Return what a folder says of a site."""
    target = ParquetFolder(folder)
    try:
        return target.exported(site)
    finally:
        target.close()


def test_a_file(tmp_path: Path) -> None:
    """A file has the columns that the documentation lists, its rows, and what is noted."""
    path = write(tmp_path / "out")
    table = parquet.read_table(path)
    assert table.schema.remove_metadata() == SCHEMA
    assert [tuple(row.values()) for row in table.to_pylist()] == ROWS
    assert json.loads(parquet.read_metadata(path).metadata[b"detector"]) == {
        **{"version": 1, "site": "news"},
        **{"events": 3, "rows": 2, "joined": False},
    }
    assert parquet.ParquetFile(path).metadata.row_group(0).column(0).compression == "ZSTD"
    assert exported(tmp_path / "out") == {DAY: NOTED}
    assert exported(tmp_path / "out", "other") == {}


@pytest.mark.parametrize(
    "site",
    [
        *("news", "a/b", "..", ".", ".hidden", "../../etc", "a b", "ü" * 64, "🦊" * 64),
        "C:\\x",
        "%2F",
    ],
)
def test_sites_stay_in_the_folder(tmp_path: Path, site: str) -> None:
    """Whatever a site is called, its files are in one visible folder of its own."""
    path = write(tmp_path / "out", site)
    assert path.is_file()
    assert path.parent.parent == tmp_path / "out"
    assert path.resolve().is_relative_to(tmp_path / "out")
    assert not path.parent.name.startswith(".")
    assert [one.name for one in tmp_path.iterdir()] == ["out"]
    assert exported(tmp_path / "out", site) == {DAY: NOTED}


def test_names_differ() -> None:
    """Different sites have different folders, also where names are too long for a file system."""
    sites = ["a/b", "a%2Fb", "a%252Fb", "ü" * 64, "ü" * 63 + "a", ".x", "%2Ex"]
    assert len({folder_name(site) for site in sites}) == len(sites)
    assert all(len(folder_name(site)) < 200 for site in sites)


def test_one_name_for_two_sites(tmp_path: Path) -> None:
    """Where a file system takes two names for one, the second site is refused."""
    path = write(tmp_path / "out")
    other = tmp_path / "out" / "News"
    other.mkdir()
    path.rename(other / NAME)
    with pytest.raises(ExportError, match="of the site 'news', not of 'News'"):
        exported(tmp_path / "out", "News")


def test_on_the_disk_before_it_has_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file is flushed to the disk before it gets its name, and its folder after that."""
    done: list[str] = []
    fsync, rename = os.fsync, Path.rename

    def flushed(number: int) -> None:
        done.append(f"fsync {Path(os.readlink(f'/proc/self/fd/{number}')).name}")
        fsync(number)

    def renamed(path: Path, to: Path) -> Path:
        done.append(f"rename {path.name} {to.name}")
        return rename(path, to)

    monkeypatch.setattr(os, "fsync", flushed)
    monkeypatch.setattr(Path, "rename", renamed)
    write(tmp_path)
    assert done == [f"fsync .{NAME}.part", f"rename .{NAME}.part {NAME}", "fsync news"]


def test_nothing_without_commit(tmp_path: Path) -> None:
    """A day that is not committed leaves no file, and the one before as it was."""
    target = ParquetFolder(tmp_path)
    with target.writing("news", DAY) as day:
        day.write(ROWS)
    assert list((tmp_path / "news").iterdir()) == []
    target.close()
    path = write(tmp_path)
    before = path.read_bytes()
    target = ParquetFolder(tmp_path)
    with pytest.raises(KeyError), target.writing("news", DAY) as day:
        day.write(ROWS * 5)
        raise KeyError
    target.close()
    assert path.read_bytes() == before
    assert [one.name for one in path.parent.iterdir()] == [NAME]


def test_killed(tmp_path: Path) -> None:
    """What a killed export leaves is no file to a reader's pattern, and removed by the next one."""
    target = ParquetFolder(tmp_path)
    child = os.fork()
    if not child:
        with target.writing("news", DAY) as day:
            day.write(ROWS)
            os._exit(0)
    os.waitpid(child, 0)
    (left,) = (tmp_path / "news").iterdir()
    assert list(tmp_path.glob("*/*.parquet")) == []
    assert target.exported("news") == {}
    assert not left.exists()
    target.close()


def test_one_export_at_a_time(tmp_path: Path) -> None:
    """A second export into the same folder is refused until the first has ended."""
    first = ParquetFolder(tmp_path)
    with pytest.raises(ExportError, match="another export writes to"):
        ParquetFolder(tmp_path)
    first.close()
    ParquetFolder(tmp_path).close()


def test_foreign_files(tmp_path: Path) -> None:
    """A file of others, a damaged one and one of a newer release are named, and not touched."""
    path = write(tmp_path)
    whole = path.read_bytes()
    for bad in (b"", b"PAR1", whole[:-20], b"hello"):
        path.write_bytes(bad)
        with pytest.raises(ExportError, match=r"10-04.parquet is no file of detector export"):
            exported(tmp_path)
        assert path.read_bytes() == bad
    for note in ({}, {"detector": "[]"}, {"detector": '{"version": 1}'}):
        parquet.write_table(pyarrow.table({"a": [1]}).replace_schema_metadata(note), path)
        with pytest.raises(ExportError, match=r"move it away, then run this again"):
            exported(tmp_path)
    newer = {"detector": '{"version": 2, "site": "news", "more": 1}'}
    parquet.write_table(pyarrow.table({"a": [1]}).replace_schema_metadata(newer), path)
    with pytest.raises(ExportError, match=r"has version 2 of the columns, .* knows 1: install"):
        exported(tmp_path)
    path.rename(path.with_name("notes.parquet"))
    with pytest.raises(ExportError, match=r"notes.parquet is no file of detector export"):
        exported(tmp_path)


class Full:
    """A disk without room: each write after the first fails."""

    def __init__(self, file: BinaryIO) -> None:
        self.file, self.writes = file, 0
        self.closed = False

    def write(self, data: bytes) -> int:
        """Write once, then fail."""
        self.writes += 1
        if self.writes > 1:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return self.file.write(data)

    def flush(self) -> None:
        """Flush nothing."""


def test_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk ends the export with the fix, and leaves the files before as they are."""
    path = write(tmp_path)
    before = path.read_bytes()
    made = ours.ParquetDay
    monkeypatch.setattr(ours, "ParquetDay", lambda file, *more: made(Full(file), *more))  # type: ignore[arg-type]
    with pytest.raises(
        ExportError, match="No space left on device; make room, then run this again"
    ):
        write(tmp_path)
    assert path.read_bytes() == before
    assert [one.name for one in path.parent.iterdir()] == [NAME]


def test_unwritable_folders(tmp_path: Path) -> None:
    """A folder that is missing, a file, or not to be written is named, with the fix."""
    with pytest.raises(ExportError, match=r"a/b cannot be written: No such file .* \(--into\)"):
        ParquetFolder(tmp_path / "a/b")
    (tmp_path / "file").write_text("")
    with pytest.raises(ExportError, match="file cannot be written: File exists"):
        ParquetFolder(tmp_path / "file")
    if not os.geteuid():
        # Root may write to any folder, but to none of the kernel's.
        with pytest.raises(ExportError, match=r"/proc/detector cannot be written"):
            ParquetFolder("/proc/detector")
        return
    (tmp_path / "locked").mkdir(mode=0o500)
    with pytest.raises(ExportError, match=r"locked cannot be written: Permission denied"):
        ParquetFolder(tmp_path / "locked")
