"""`detector export`: what it prints, and what it refuses."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from detector.cli.main import main
from detector.core.counting.store_url import open_store
from tests.warehouse.sample import fill


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the path of a store with four days of two sites, two days of them complete."""
    path = tmp_path_factory.mktemp("filled") / "counts.sqlite"
    store = open_store(str(path))
    fill(store, sites=("news", "shop"))
    store.close()
    return path


@pytest.fixture
def counts(filled: Path, tmp_path: Path) -> str:
    """Return the path of a copy of that store."""
    return str(shutil.copy(filled, tmp_path))


def command(counts: str, tmp_path: Path, *more: str) -> list[str]:
    """Return the arguments of an export."""
    return ["export", "--to", "parquet", "--db", counts, "--into", str(tmp_path / "out"), *more]


def test_prints_what_it_did(
    counts: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A line for each site says how many days were written, and up to when days are complete."""
    assert main(command(counts, tmp_path, "--until", "2026-10-30")) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("news: 1 day written, 2026-10-29, ")
    assert first.endswith(" rows; complete up to 2026-10-30")
    assert second.startswith("shop: 1 day written")
    assert main(command(counts, tmp_path, "--site", "news")) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("news: 1 day written, 2026-10-30, ")
    assert line.endswith(" rows; 1 unchanged; complete up to 2026-10-30")
    assert main(command(counts, tmp_path, "--site", "news", "--since", "2026-11-02")) == 0
    assert capsys.readouterr().out == "news: 0 days written; complete up to 2026-10-30\n"


def test_names_days_that_are_kept(
    counts: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Days that the store has emptied are named, and stay."""
    assert main(command(counts, tmp_path)) == 0
    Path(counts).unlink()
    store = open_store(counts)
    fill(store, sites=("news",), each=5)
    store.close()
    capsys.readouterr()
    assert main(command(counts, tmp_path, "--again")) == 0
    assert capsys.readouterr().out.splitlines() == [
        "news: 0 days written; complete up to 2026-10-30",
        "news: 2 days kept: the store no longer has all of its counts (2026-10-29 to 2026-10-30)",
    ]


@pytest.mark.parametrize(
    ("more", "error"),
    [
        (["--site", "nobody"], "--site: no counts of 'nobody'; there are: news, shop"),
        (["--since", "2026-10-30", "--until", "2026-10-30"], "--until: it is no later than"),
        (["--db", "missing.sqlite"], "--db: there is no file "),
        (["--db", "ftp://x"], "--db: option store: no store is known"),
        (["--password-file", "x"], "--password-file: it belongs to --to clickhouse"),
        (["--into", "a/b/c"], "a/b/c cannot be written: No such file or directory"),
    ],
)
def test_refuses(
    counts: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], more: list[str], error: str
) -> None:
    """What cannot be exported ends with 2 and one line, and writes nothing."""
    assert main(command(counts, tmp_path, *more)) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith(f"detector export: {error}"), told.err
    assert len(told.err.splitlines()) == 1
    assert not list(tmp_path.rglob("*.parquet"))


@pytest.mark.parametrize("argument", ["--to", "--since"])
def test_refuses_bad_arguments(
    counts: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], argument: str
) -> None:
    """A format or a day that does not exist is refused with those that do."""
    with pytest.raises(SystemExit) as ended:
        main(command(counts, tmp_path, argument, "csv"))
    assert ended.value.code == 2
    assert "parquet" in capsys.readouterr().err or argument == "--since"


LIMITED = """
import resource, sys
from detector.cli.main import main
from detector.warehouse.parquet import ParquetFolder

def limited(self, *more, made=ParquetFolder.__init__):
    resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))
    made(self, *more)

ParquetFolder.__init__ = limited
sys.exit(main())
"""


def test_no_room(tmp_path: Path) -> None:
    """A file that the system lets grow no further ends the command with 2; no part of it stays."""
    path = str(tmp_path / "counts.sqlite")
    store = open_store(path)
    fill(store, sites=("news",), days=3, each=1000)
    store.close()
    # Set once the store is open, since SQLite's own files are larger.
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, *command(path, tmp_path)],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 2, done.stderr
    assert "make room, then run this again" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert sorted(one.name for one in (tmp_path / "out").rglob("*")) == [".lock", "news"]
