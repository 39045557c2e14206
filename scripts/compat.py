"""Runs a small site of each framework on each Python, with the built wheel, and prints a table.

The oldest versions are the lower bounds in pyproject.toml, the newest those of constraints.txt or
PINNED. A site is served and visited by compat_visit.py; its counts are read by `detector stats`.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from compat_environments import (
    ROOT,
    CompatError,
    build,
    call,
    constraints,
    core,
    framework,
    interpreter,
    project,
)

PYTHONS = ("3.11", "3.12", "3.13")
"""Supported. CI needs them all; elsewhere those that are there are used."""
FURTHER_PYTHONS = ("3.13t", "3.14", "3.14t")
"""Used where they are there; those with a `t` are free-threaded."""
SITES = {  # by framework, "" for none: functions of compat_apps.py
    "": ("bare_wsgi", "bare_asgi"),
    "flask": ("flask",),
    "django": ("django_wsgi", "django_asgi"),
    "starlette": ("starlette",),
    "fastapi": ("fastapi",),
    "litestar": ("litestar",),
    "quart": ("quart",),
    "falcon": ("falcon_wsgi", "falcon_asgi"),
}
PINNED = {"django": "6.1.3", "falcon": "4.4.0"}
"""The newest version of what constraints.txt has none of, or an older one."""
NEEDS = {"django==6.1.3": (3, 12)}
OLDEST_WITH = {"fastapi": ("starlette==0.37.2",)}
OK = "ok"


@dataclass(frozen=True)
class Row:
    """One version of a framework."""

    title: str
    sites: tuple[str, ...]
    packages: tuple[str, ...] = ()

    @property
    def needs(self) -> tuple[int, int]:
        """Return the oldest Python that this version runs on."""
        return NEEDS.get("".join(self.packages[:1]), (3, 11))


def main() -> int:
    """Print the table; return 1 if a site fails or CI lacks a Python, 2 if there is no table."""
    parser = argparse.ArgumentParser(prog="scripts/compat", description=__doc__.split("\n")[0])
    parser.add_argument("--pythons", nargs="+", metavar="X.Y", help="such as 3.12 or 3.13t")
    parser.add_argument("--frameworks", nargs="+", metavar="NAME", help="such as flask")
    args = parser.parse_args()
    wanted = args.pythons or [*PYTHONS, *FURTHER_PYTHONS]
    try:
        rows = [*table(args.frameworks)]
        found = {name: interpreter(name) for name in wanted}
        needed = wanted if args.pythons else PYTHONS if os.environ.get("CI") else ()
        return run(rows, found, [name for name in needed if not found[name]])
    except CompatError as error:
        print(f"scripts/compat: {error}", file=sys.stderr)
        return 2


def table(names: list[str] | None) -> Iterator[Row]:
    """Yield the rows of the named frameworks, or of all."""
    unknown = set(names or ()) - set(SITES)
    if unknown:
        known = ", ".join(filter(None, SITES))
        raise CompatError(f"unknown framework {', '.join(sorted(unknown))}: use one of {known}")
    extras = project()["optional-dependencies"].values()
    bounds = (re.match(r"([\w-]+)(?:\[\w+\])?>=([\d.]+)", one) for extra in extras for one in extra)
    oldest = {one[1].lower(): one[2] for one in bounds if one}
    for name in names or SITES:
        if not name:
            yield Row("no framework", SITES[name])
            continue
        newest = PINNED.get(name) or constraints()[name]
        for version in dict.fromkeys(filter(None, (oldest.get(name), newest))):
            more = OLDEST_WITH.get(name, ()) if version != newest else ()
            packages = (f"{name}=={version}", *more)
            yield Row(", ".join(packages).replace("==", " "), SITES[name], packages)


def run(rows: list[Row], found: dict[str, Path | None], missing: list[str]) -> int:
    """Fill the table and print it; return the exit status."""
    columns = {name: file for name, file in found.items() if file}
    if not columns:
        raise CompatError(f"none of Python {', '.join(found)} is on PATH or in pyenv")
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(os.cpu_count()) as pool:
        wheel = build(Path(folder))
        made = pool.map(lambda name: core(name, columns[name], wheel), columns)
        cores = dict(zip(columns, made, strict=True))
        cells = [(row, name) for row in rows for name in columns]
        words = pool.map(lambda one: cell(one[0], one[1], cores[one[1]]), cells)
        results = dict(zip(cells, words, strict=True))
    show(rows, [*columns], results)
    if absent := [name for name in found if name not in columns]:
        print(f"Not here: Python {', '.join(absent)}")
    for name in missing:
        print(f"Python {name} is missing: pyenv install {name}, or put python{name} on PATH")
    failed = {key: why for key, why in results.items() if why not in (OK, "")}
    for (row, name), why in failed.items():
        print(f"\n{row.title} on Python {name}:\n{why.rstrip()}")
    return int(bool(failed or missing))


def show(rows: list[Row], names: list[str], results: dict[tuple[Row, str], str]) -> None:
    """Print the table."""
    width = max(len(row.title) for row in rows)
    print(" " * width + "".join(f"  {'Python ' + name:12}" for name in names).rstrip())
    for row in rows:
        words = {OK: OK, "": "needs {}.{}".format(*row.needs)}
        cells = (words.get(results[row, name], "FAILED") for name in names)
        print(f"{row.title:{width}}" + "".join(f"  {one:12}" for one in cells).rstrip())


def cell(row: Row, name: str, python: Path) -> str:
    """Return "ok" if all sites of the row work on this Python, "" if it is too old, or why not."""
    if tuple(int(part) for part in name.removesuffix("t").split(".")) < row.needs:
        return ""
    # No framework of its own: uvicorn alone, which serves the site on ASGI.
    folder = re.sub(r"[^\w.]+", "-", row.title)
    try:
        beside = framework(python, folder, row.packages)
        for site in row.sites:
            with tempfile.TemporaryDirectory() as place:
                visit(python, site, Path(place), str(beside))
    except CompatError as error:
        return str(error)
    return OK


def visit(python: Path, site: str, folder: Path, beside: str) -> None:
    """Serve and visit a site, then read its counts; raise CompatError if something is wrong."""
    store = str(folder / "counts.sqlite")
    command = [str(python), "-s", "-W", "always::ResourceWarning"]
    script = str(ROOT / "scripts" / "compat_visit.py")
    said = call([*command, script, site, store], folder, beside)
    if "ResourceWarning" in said:
        raise CompatError(f"{site} leaves something open:\n{said}")
    # Without the framework: the command needs the core alone.
    stats = call([*command, "-m", "detector.cli", "stats", "--json", "--db", store], folder)
    verdicts = json.loads(stats)["verdicts"]
    if {state: n for state, n in verdicts.items() if n} != {"clear": 1}:
        raise CompatError(f"{site} has counted {verdicts} for one clear view")


if __name__ == "__main__":
    raise SystemExit(main())
