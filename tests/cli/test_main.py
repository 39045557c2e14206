"""Tests of detector.cli.main: the command `detector`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from detector import __version__
from detector.cli.main import main
from detector.core.counting.counters import Counters
from detector.stores.sqlite.store import SqliteStore


@pytest.fixture
def filled(tmp_path: Path) -> Path:
    """Return a file with a few counts."""
    counters = Counters("site")
    for _ in range(1204):
        counters.count("view", device="phone")
    for _ in range(3):
        counters.count("verdict", "blocked", kind="extension")
    counters.count("verdict", "clear", kind="none")
    for _ in range(2):
        counters.count("shown", mode="corner")
    counters.count("allowed", mode="corner")
    counters.count("refused", reason="token")
    path = tmp_path / "counts.sqlite"
    store = SqliteStore(path)
    store.add(counters.drain())
    store.close()
    return path


def test_table(filled: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`stats` prints an aligned table in which every share names its denominator and interval."""
    assert main(["stats", "--db", str(filled)]) == 0
    assert capsys.readouterr().out == (
        "Page views                        1,204\n"
        "Verdicts                              4\n"
        "  blocked                             3   75.0% of verdicts (30.1 to 95.4)\n"
        "  unreachable                         0    0.0% of verdicts (0.0 to 49.0)\n"
        "  clear                               1   25.0% of verdicts (4.6 to 69.9)\n"
        "  unknown                             0    0.0% of verdicts (0.0 to 49.0)\n"
        "  partial                             0    0.0% of verdicts (0.0 to 49.0)\n"
        "Views without a verdict           1,200  blocked is 0.2 to 99.9 % of all views\n"
        "Kinds of blocked and unreachable      3\n"
        "  extension                           3  100.0% of these (43.9 to 100.0)\n"
        "Notices shown                         2\n"
        "  steps                               0    0.0% of shown (0.0 to 65.8)\n"
        "  recheck                             0    0.0% of shown (0.0 to 65.8)\n"
        "  allowed                             1   50.0% of shown (9.5 to 90.5)\n"
        "  dismissed                           0    0.0% of shown (0.0 to 65.8)\n"
        "  support                             0    0.0% of shown (0.0 to 65.8)\n"
        "  disputed                            0    0.0% of shown (0.0 to 65.8)\n"
        "Views won back                        0    0.0% of views with ads (0.0 to 79.3)\n"
        "Ad-free views, not in any share       0\n"
        "Pages with a tag, not heard of        0\n"
        "Pages that a cache may keep           0\n"
        "Reports refused                       1\n"
        "  token                               1  unsigned, or signed with another secret\n"
        "Verdicts corrected by the server      0\n"
        "Events dropped, memory was full       0\n"
        "Errors of the detector                0\n"
        "Reports counted unshared              0\n"
    )


def test_json(filled: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`stats --json` prints the summary as JSON, from a sqlite URL too."""
    assert main(["stats", "--json", "--db", f"sqlite:///{filled}"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["views"] == 1204
    assert found["verdicts"]["blocked"] == 3
    assert found["blocked_share"] == 0.75


def test_missing_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A missing file is status 2 with a message that names --db, and is not created."""
    path = tmp_path / "none.sqlite"
    assert main(["stats", "--db", str(path)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"detector stats: --db: there is no file {path}")
    assert not path.exists()


@pytest.mark.parametrize("url", ["mysql://host/db", ""])
def test_bad_url(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    """An unknown store is status 2 with the allowed values."""
    assert main(["stats", "--db", url]) == 2
    assert "allowed are a file path" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "the following arguments are required: COMMAND"),
        (["dance"], "invalid choice: 'dance'"),
        (["stats"], "the following arguments are required: --db"),
        (["demo", "--port", "65536"], "'65536' is not a port: use a number from 0 to 65535"),
        (["demo", "--port", "x"], "'x' is not a port"),
        (["notice", "preview", "--mode", "x"], "'x' is not a mode: use corner, slot, bottom-bar"),
        (["stats", "--db", "x", "--step", "year"], "invalid choice: 'year'"),
    ],
)
def test_wrong_usage(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Wrong usage is status 2 with a message on stderr alone."""
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    out, err = capsys.readouterr()
    assert (ended.value.code, out) == (2, "")
    assert message in err


def test_demo_refuses(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """If the demo cannot write its counts, the status is 2 with a message naming --db."""
    (tmp_path / "file").write_text("in the way")
    assert main(["demo", "--port", "0", "--db", str(tmp_path / "file" / "counts.sqlite")]) == 2
    assert "--db" in capsys.readouterr().err


@pytest.mark.parametrize("missing", ["flask", "werkzeug"])
def test_demo_without_its_extra(
    missing: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without Flask the demo says what to install."""
    for name in list(sys.modules):
        if name.partition(".")[0] == missing or name.startswith(
            ("detector.demo", "detector.flask")
        ):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, missing, None)
    assert main(["demo", "--port", "0"]) == 2
    assert f"needs {missing}: pip install 'adblock-detector[demo]'" in capsys.readouterr().err


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    """`--version` prints the package's version."""
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"detector {__version__}\n"


def test_reader_that_has_enough(filled: Path) -> None:
    """A closed pipe ends the command without a traceback."""
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "detector.cli", "stats", "--db", str(filled)],
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, "")


def test_imports_only_what_a_command_needs(filled: Path) -> None:
    """`stats` in a fresh process imports neither Flask nor a user-agent parser."""
    code = (
        "import sys; from detector.cli.main import main; status = main(sys.argv[1:]); "
        "print([m for m in ('flask', 'ua_parser', 'crawleruseragents') if m in sys.modules]); "
        "sys.exit(status)"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code, "stats", "--db", str(filled)],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout.splitlines()[-1] == "[]"
