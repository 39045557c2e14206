"""Runs mutmut on files of the core, and prints the mutants that no test finds.

A mutant is the code with one small change, such as `<` for `<=`. Those that change nothing that a
test could see stand in tests/core/accepted_mutants.toml with the reason.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
ACCEPTED = ROOT / "tests" / "core" / "accepted_mutants.toml"
WORK = ROOT / ".cache" / "mutants"
TREE = WORK / "tree"
# What a log line says is tested where an owner must act on it, not word by word.
WORDS = (r"\b_?log\.\w+\(", r'^\s*f?"detector: ')
FOUND = ("killed", "timeout", "segfault", "suspicious")
MISSED = ("survived", "no tests")


class Mutant(NamedTuple):
    """A change of a line: the file, the line before, and after it."""

    file: str
    was: str
    becomes: str


def mirrored(file: str) -> str:
    """Return the tests of a file: its test file, else its folder of tests, else that above."""
    path = Path("tests") / Path(file).relative_to("detector").with_suffix("")
    for found in (path.with_name(f"test_{path.name}.py"), path, path.parent):
        if (ROOT / found).exists():
            return str(found)
    return "tests/core"


def expanded(paths: Iterable[str]) -> list[str]:
    """Return the Python files below some paths; raises ValueError for what is not of the core."""
    files: set[str] = set()
    for given in paths:
        path = (ROOT / given).resolve()
        if not path.is_relative_to(ROOT / "detector" / "core"):
            raise ValueError(f"{given} is not below detector/core/: name a file or folder there")
        if not path.exists():
            raise ValueError(f"{given} does not exist: name a file or folder of detector/core/")
        found = path.rglob("*.py") if path.is_dir() else [path]
        files |= {str(file.relative_to(ROOT)) for file in found if file.name != "__init__.py"}
    return sorted(files)


def settings(files: Iterable[str], tests: Iterable[str], others: Iterable[str]) -> str:
    """Return the table for pyproject.toml; a JSON string is one of TOML too."""
    table = {
        "source_paths": ["detector"],
        "only_mutate": list(files),
        "also_copy": list(others),
        "do_not_mutate_patterns": list(WORDS),
        "pytest_add_cli_args": ["-p", "no:cacheprovider"],
        "pytest_add_cli_args_test_selection": list(tests),
        # On a busy machine a short limit would call every mutant found.
        "timeout_multiplier": 60.0,
    }
    lines = [f"{key} = {json.dumps(value)}" for key, value in table.items()]
    return "\n[tool.mutmut]\n" + "\n".join([*lines, "use_git_change_detection = false", ""])


def statuses(text: str) -> dict[str, str]:
    """Return the status of each mutant by its name, from `mutmut results`."""
    return dict(re.findall(r"^ +(\S+): ([a-z ]+)$", text, re.MULTILINE))


def mutant(name: str, diff: str) -> Mutant:
    """Return what `mutmut show` prints of a mutant."""
    module = re.split(r"\.xǁ|\.x_", name)[0]
    lines = [line for line in diff.splitlines() if not line.startswith(("---", "+++"))]
    was, becomes = (
        " ".join(line[1:].strip() for line in lines if line.startswith(sign)) for sign in "-+"
    )
    return Mutant(module.replace(".", "/") + ".py", was, becomes)


def accepted(text: str) -> dict[Mutant, str]:
    """Return the reasons by mutant; raises ValueError for an entry without one."""
    found = {}
    for entry in tomllib.loads(text).get("mutant", []):
        if set(entry) != {"file", "was", "becomes", "reason"} or not all(entry.values()):
            raise ValueError(f"{ACCEPTED.name}: file, was, becomes and reason belong to {entry}")
        found[Mutant(entry["file"], entry["was"], entry["becomes"])] = entry["reason"]
    return found


def report(
    found: int, missed: Iterable[Mutant], reasons: Mapping[Mutant, str], files: Iterable[str]
) -> tuple[list[str], bool]:
    """Return the lines to print, and whether all is well."""
    missed, checked = list(missed), set(files)
    left = [one for one in missed if one not in reasons]
    stale = [one for one in reasons if one.file in checked and one not in missed]
    lines = [f"{one.file}\n  - {one.was}\n  + {one.becomes}" for one in left]
    lines += [f"{ACCEPTED.name}: tests find this one now: remove {one}" for one in stale]
    counted = found + len(left)
    share = f"{100 * found / counted:.0f} %" if counted else "none"
    lines.append(f"found {found} of {counted} ({share}); {len(missed) - len(left)} are accepted")
    return lines, not left and not stale


def mutmut(*words: str) -> str:
    """Run a command of mutmut in the copy and return what it prints."""
    python = WORK / "venv" / "bin" / "python"
    env = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    done = subprocess.run(
        [python, "-m", "mutmut", *words], cwd=TREE, env=env, capture_output=True, text=True
    )
    if done.returncode:
        sys.exit(f"mutants: mutmut {words[0]} failed:\n{(done.stdout + done.stderr)[-4000:]}")
    return done.stdout


def copy() -> list[str]:
    """Copy what git knows of the project into a folder of its own; return the names at its top."""
    shutil.rmtree(TREE, ignore_errors=True)
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for name in filter(None, names.split("\0")):
        if (ROOT / name).is_file():
            (TREE / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, TREE / name)
    return sorted(one.name for one in TREE.iterdir() if one.name not in ("detector", "tests"))


def main() -> None:
    """Run it; the exit status is 1 if a mutant is left, or accepted for nothing."""
    parser = argparse.ArgumentParser(prog="scripts/mutants", description=__doc__)
    parser.add_argument("paths", nargs="*", default=["detector/core"], metavar="PATH")
    parser.add_argument("--tests", action="append", metavar="PATH", help="instead of its own tests")
    given = parser.parse_args()
    try:
        files, reasons = expanded(given.paths), accepted(ACCEPTED.read_text("utf-8"))
    except ValueError as error:
        parser.error(str(error))
    others = copy()
    tests = given.tests or sorted({mirrored(file) for file in files})
    with (TREE / "pyproject.toml").open("a", encoding="utf-8") as out:
        out.write(settings(files, tests, others))
    mutmut("run", "--max-children", str(os.cpu_count() or 1))
    told = statuses(mutmut("results", "--all", "true"))
    missed = [mutant(name, mutmut("show", name)) for name in told if told[name] in MISSED]
    lines, well = report(sum(one in FOUND for one in told.values()), missed, reasons, files)
    print(*lines, sep="\n")
    sys.exit(not well)


if __name__ == "__main__":
    main()
