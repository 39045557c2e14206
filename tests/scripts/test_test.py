"""scripts/test: everything, or with --fast what a change at the desk is tried with."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.root import ROOT

SCRIPT = ROOT / "scripts" / "test"
RECORD = """#!/bin/sh
name=$(basename "$0")
echo "$name ${PYTHONDONTWRITEBYTECODE-}$PYTHONPYCACHEPREFIX $*" >>"$RECORD"
[ "$FAILING" != "$name" ] || { echo "$name is unhappy"; exit 1; }
"""


class Desk:
    """A checkout whose commands only record that they were called, and can be told to fail."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._record = folder / "record"
        scripts = [f"scripts/{name}" for name in ("setup", "check", "compat")]
        for name in (*scripts, ".venv/bin/pytest", ".venv/bin/npm"):
            file = folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(RECORD)
            file.chmod(0o755)
        shutil.copy(SCRIPT, folder / "scripts" / "test")

    def test(self, *options: str, failing: str = "") -> tuple[int, str, list[str]]:
        """Run it; return its status, what it printed, and the calls in their order."""
        self._record.write_text("")
        env = os.environ | {"RECORD": str(self._record), "FAILING": failing}
        env["PYTHONDONTWRITEBYTECODE"] = "forbidden"
        done = subprocess.run(
            [self.folder / "scripts" / "test", *options], env=env, capture_output=True, text=True
        )
        return done.returncode, done.stdout, self._record.read_text().splitlines()


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Return a checkout with recording commands."""
    return Desk(tmp_path)


def test_everything_runs_in_order(desk: Desk) -> None:
    """Checks, frameworks, unit tests, tests of the scripts, tests in browsers, in this order."""
    status, _, calls = desk.test("-k", "chromium")
    assert status == 0
    names = ["setup", "check", "compat", "pytest", "npm", "pytest"]
    assert [call.split()[0] for call in calls] == names
    workers = len(os.sched_getaffinity(0)) + 1
    assert calls[3].endswith(f"-q -n {workers} --dist loadfile --durations=20")
    assert calls[5].endswith(f" e2e -q -n {workers} --dist loadfile --durations=20 -k chromium")


def test_bytecode_is_kept_where_it_is_forbidden(desk: Desk) -> None:
    """Python writes bytecode below .cache, so that further workers and the next run are quick."""
    _, _, calls = desk.test()
    told = {call.split()[1] for call in calls if call.startswith("pytest")}
    assert told == {str(desk.folder / ".cache" / "bytecode")}


def test_fast_runs_a_smoke_in_one_browser(desk: Desk) -> None:
    """With --fast all four parts run, without the folders that start servers."""
    status, _, calls = desk.test("--fast")
    assert status == 0
    names = sorted(call.split()[0] for call in calls)
    assert names == ["check", "npm", "pytest", "pytest", "setup"]
    unit, smoke = [call for call in calls if call.startswith("pytest")]
    assert "--ignore=tests/servers " in unit and "--ignore=tests/core" not in unit
    assert "[none]" in smoke and " e2e " not in smoke


PARTS = ("setup", "check", "pytest", "npm")


@pytest.mark.parametrize(
    ("options", "failing"),
    [*(((), part) for part in (*PARTS, "compat")), *((("--fast",), part) for part in PARTS)],
)
def test_a_failure_of_any_part_fails_it(desk: Desk, options: tuple[str, ...], failing: str) -> None:
    """Whatever fails, the whole fails and prints what that part said."""
    status, out, _ = desk.test(*options, failing=failing)
    assert status != 0
    assert f"{failing} is unhappy" in out


def test_what_fast_names_exists() -> None:
    """Every folder that it leaves out exists, and every test of its smoke."""
    text = SCRIPT.read_text("utf-8")
    (slow,) = re.findall(r"^slow=\((.*?)\)", text, re.DOTALL | re.MULTILINE)
    assert [name for name in slow.split() if not (ROOT / "tests" / name).exists()] == []
    smoke = re.findall(r'"(e2e/\S+)::(\w+)\[none\]"', text)
    assert len(smoke) >= 3
    for file, name in smoke:
        assert f"def {name}(" in (ROOT / file).read_text("utf-8")
