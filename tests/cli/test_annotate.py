"""`detector annotate`: add, list and remove, with errors that name the argument."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from detector.cli.main import main
from detector.core.counting.counters import Counters
from detector.stores.sqlite.store import SqliteStore


@pytest.fixture
def db(tmp_path: Path) -> str:
    """Return the path of a store with counts of one site."""
    store = SqliteStore(tmp_path / "counts.sqlite")
    counters = Counters("news")
    counters.count("view")
    store.add(counters.drain())
    store.close()
    return str(tmp_path / "counts.sqlite")


def listed(db: str, capsys: pytest.CaptureFixture[str], *more: str) -> list[dict[str, object]]:
    """Return what --list --json prints."""
    capsys.readouterr()
    assert main(["annotate", "--db", db, "--list", "--json", *more]) == 0
    found: list[dict[str, object]] = json.loads(capsys.readouterr().out)
    return found


def test_add_list_remove(db: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A note is added at a time of UTC or now, listed by site, and removed by its name."""
    day = datetime.now(UTC).date() - timedelta(days=3)
    assert main(["annotate", "--db", db, "Banner", "--at", f"{day}T10:00"]) == 0
    assert f"at {day} 10:00 UTC." in capsys.readouterr().out
    assert main(["annotate", "--db", db, "For all"]) == 0
    assert capsys.readouterr().out.startswith("Noted as ")
    assert main(["annotate", "--db", db, "For news", "--site", "news"]) == 0
    found = {str(one["text"]): one for one in listed(db, capsys)}
    assert {"For all", "For news"} <= set(found)
    assert found["For news"]["site"] == "news"
    assert main(["annotate", "--db", db, "--list"]) == 0
    assert "all sites: For all\n" in capsys.readouterr().out
    for one in found.values():
        assert main(["annotate", "--db", db, "--remove", str(one["name"])]) == 0
    assert listed(db, capsys) == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "write a text"),
        (["x", "--list"], "write a text"),
        (["x", "--json"], "--json: it belongs to --list"),
        (["--list", "--at", "2026-01-31"], "--at and --site: they belong to a text"),
        (["x", "--site", "nwes"], "--site: no counts of 'nwes'; there are: news"),
        (["x" * 201], "201 characters"),
        (["--remove", "0123"], "no annotation '0123'; see --list"),
        (["x", "--at", "1999-01-01"], "over 25 months ago"),
    ],
)
def test_refusals(
    db: str, arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A wrong argument is refused with a message that names it and the fix."""
    assert main(["annotate", "--db", db, *arguments]) == 2
    assert words in capsys.readouterr().err
    assert listed(db, capsys) == []


def test_bad_time(db: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A time is a date of ISO 8601."""
    assert main(["annotate", "--db", db, "x", "--at", "yesterday"]) == 2
    assert "--at: 'yesterday' is no time: write 2026-01-31 or" in capsys.readouterr().err


def test_time_zone(db: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A time is one of the time zone, and is printed with it."""
    asked = ["annotate", "--db", db, "--time-zone", "America/New_York"]
    day = f"{datetime.now(UTC):%Y-%m-%d}"
    assert main([*asked, "Price rise", "--at", f"{day}T10:00"]) == 0
    assert re.search(rf"at {day} 10:00 E[SD]T\.", capsys.readouterr().out)
    (one,) = listed(db, capsys)
    at = datetime.fromisoformat(f"{day}T10:00").replace(tzinfo=ZoneInfo("America/New_York"))
    assert one["at"] == int(at.timestamp())
    assert main([*asked, "--list"]) == 0
    assert re.search(rf"{day} 10:00 E[SD]T  all sites: Price rise", capsys.readouterr().out)


def test_mistyped_store(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A store that does not exist is not created."""
    path = tmp_path / "cuonts.sqlite"
    assert main(["annotate", "--db", str(path), "x"]) == 2
    assert "there is no file" in capsys.readouterr().err
    assert not path.exists()
