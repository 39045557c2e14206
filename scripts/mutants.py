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
from itertools import accumulate
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
ACCEPTED = ROOT / "tests" / "core" / "accepted_mutants.toml"
WORK = ROOT / ".cache" / "mutants"
# What a log line says is tested where an owner must act on it, not word by word.
WORDS = (r"\b_?log\.\w+\(", r'^\s*f?"detector: ')


# So many processor seconds of tests that are not the file's own are spent on a mutant.
OTHERS = 3.0
# Python knows these names in any case.
NAMES = re.compile(r"""(["'])(ascii|latin-1|utf-8|sha256)\1""", re.IGNORECASE)


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


def chosen(seconds: Mapping[str, float], own: str) -> list[str]:
    """Return the tests to run for a mutant: the file's own, then others, the quickest first.

    `seconds` are those of the tests that reach it, `own` is the path of the file's own tests.
    """
    names = sorted(seconds, key=lambda name: seconds[name])
    first = [name for name in names if name.startswith((f"{own}::", f"{own}/"))]
    spent = accumulate(seconds[name] for name in names if name not in first)
    others = [name for name in names if name not in first]
    return first + [name for name, so_far in zip(others, spent, strict=True) if so_far <= OTHERS]


def expanded(paths: Iterable[str]) -> list[str]:
    """Return the Python files below some paths; raises ValueError for what is not of the core."""
    files: dict[str, None] = {}
    for given in paths:
        path = (ROOT / given).resolve()
        if not path.is_relative_to(ROOT / "detector" / "core"):
            raise ValueError(f"{given} is not below detector/core/: name a file or folder there")
        if not path.exists():
            raise ValueError(f"{given} does not exist: name a file or folder of detector/core/")
        found = sorted(path.rglob("*.py")) if path.is_dir() else [path]
        for file in found:
            if file.name != "__init__.py":
                files[str(file.relative_to(ROOT))] = None
    return list(files)


def same(one: Mutant) -> bool:
    """Whether a mutant only writes the name of an encoding or a hash in another case."""
    was, becomes = (NAMES.sub(lambda found: found[0].lower(), line) for line in one[1:])
    return was == becomes


def settings() -> str:
    """Return the table for pyproject.toml; a JSON string is one of TOML too."""
    patterns = json.dumps(list(WORDS))
    return f'\n[tool.mutmut]\nsource_paths = ["detector"]\ndo_not_mutate_patterns = {patterns}\n'


def accepted(text: str) -> dict[Mutant, str]:
    """Return the reasons by mutant; raises ValueError for an entry without one."""
    found = {}
    for entry in tomllib.loads(text).get("mutant", []):
        if set(entry) != {"file", "was", "becomes", "reason"} or not all(entry.values()):
            raise ValueError(f"{ACCEPTED.name}: file, was, becomes and reason belong to {entry}")
        found[Mutant(entry["file"], entry["was"], entry["becomes"])] = entry["reason"]
    return found


def report(
    results: Iterable[tuple[Mutant, bool]], reasons: Mapping[Mutant, str], files: Iterable[str]
) -> tuple[list[str], bool]:
    """Return the lines to print, and whether all is well."""
    results, lines, totals = list(results), [], [0, 0, 0]
    missed = [one for one, found in results if not found]
    left = [one for one in missed if one not in reasons]
    stale = [one for one in reasons if one.file in set(files) and one not in missed]
    lines += [f"{one.file}\n  - {one.was}\n  + {one.becomes}" for one in left]
    lines += [f"{ACCEPTED.name}: tests find this one now: remove {one}" for one in stale]
    for file in files:
        counts = [
            sum(found for one, found in results if one.file == file),
            sum(one.file == file for one in missed if one in reasons),
            sum(one.file == file for one in left),
        ]
        lines.append(counted(file, *counts))
        totals = [total + count for total, count in zip(totals, counts, strict=True)]
    return [*lines, counted("all", *totals)], not left and not stale


def counted(name: str, found: int, accepted: int, left: int) -> str:
    """Return the line of a file, or of all."""
    share = f"{100 * found / (found + left):.0f} %" if found + left else "none"
    return f"{name}: found {found} of {found + left} ({share}); {accepted} are accepted"


def copy(tree: Path) -> None:
    """Copy what git knows of the project into a folder."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for name in filter(None, names.split("\0")):
        if (ROOT / name).is_file():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, tree / name)
    with (tree / "pyproject.toml").open("a", encoding="utf-8") as out:
        out.write(settings())


def session(given: Mapping[str, Any]) -> list[tuple[Mutant, bool]]:
    """Return all mutants of the files in a copy of the project, and whether tests find them."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    with TemporaryDirectory(prefix="tree-", dir=WORK) as tree:
        copy(Path(tree))
        (Path(tree) / "mutants.json").write_text(json.dumps(given), "utf-8")
        command = [WORK / "venv" / "bin" / "python", ROOT / "scripts" / "mutants_session.py"]
        done = subprocess.run(command, cwd=tree, env=env)
        if done.returncode:
            sys.exit(f"mutants: the session of pytest failed with {done.returncode}")
        rows = (Path(tree) / "mutants.jsonl").read_text("utf-8").splitlines()
    found = [(Mutant(*row[:3]), row[3] == "killed") for row in map(json.loads, rows)]
    return [row for row in found if not same(row[0])]


def main() -> None:
    """Run it; the exit status is 1 if a mutant is left, or accepted for nothing."""
    parser = argparse.ArgumentParser(prog="scripts/mutants", description=__doc__)
    parser.add_argument("paths", nargs="*", default=["detector/core"], metavar="PATH")
    parser.add_argument("--tests", action="append", metavar="PATH", help="besides its own tests")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, metavar="N")
    given = parser.parse_args()
    try:
        files, reasons = expanded(given.paths), accepted(ACCEPTED.read_text("utf-8"))
    except ValueError as error:
        parser.error(str(error))
    own = {file: mirrored(file) for file in files}
    tests = sorted({*own.values(), *(given.tests or ())})
    results = session({"files": own, "tests": tests, "jobs": given.jobs})
    lines, well = report(results, reasons, files)
    print(*lines, sep="\n")
    sys.exit(not well)


if __name__ == "__main__":
    main()
