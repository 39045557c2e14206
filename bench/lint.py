"""How long `detector lint` takes for a large site: 10,000 generated pages, styles and scripts.

The budget, a minute on two processors, is of processor time: a busy machine stretches the clock.
"""

from __future__ import annotations

import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.table import BenchError, Row
from detector.testing.ublock import DEFAULT_LISTS, Package

FILES = 10_000
QUICK = 100
MOST_SECONDS = 60
_SEED = 11
_WORDS = (
    *("page", "main", "card", "title", "story", "promo", "side", "item", "list", "nav", "foot"),
    *("head", "lead", "text", "image", "btn", "grid", "col", "row", "ad", "banner", "teaser"),
)


def run(quick: bool = False) -> list[Row]:
    """Measure the command on generated files, with the lists of the installed uBlock Origin."""
    package = Package.found()
    if package is None:
        raise BenchError("lint needs the lists of uBlock Origin: webext-ublock-origin-firefox")
    lists = [str(package.list_path(name)) for name in DEFAULT_LISTS]
    count = QUICK if quick else FILES
    with tempfile.TemporaryDirectory(prefix="bench-lint-") as name:
        folder = Path(name)
        (folder / "one").mkdir()
        (folder / "one/a.html").write_text("<p class=story>")
        size = _generate(folder / "many", count)
        alone, _ = _seconds(lists, folder / "one")
        every, clock = _seconds(lists, folder / "many")
    what = f"{count:,} files, {size / 2**20:.0f} MB"
    return [
        Row(f"{what}: processors", every, "s", at_most=MOST_SECONDS * 2),
        Row(f"{what}: clock", clock, "s"),
        Row("one file: the lists alone, processors", alone, "s"),
    ]


def _used() -> float:
    """Return the processor time of all ended children and theirs, in seconds."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _seconds(lists: list[str], folder: Path) -> tuple[float, float]:
    """Return the processor time of one run, with that of its processes, and the clock's."""
    given = [part for one in lists for part in ("--filter-list", one)]
    began, before = time.monotonic(), _used()
    done = subprocess.run(
        [sys.executable, "-m", "detector.cli", "lint", str(folder), *given, "--format", "json"],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode not in (0, 1):
        raise BenchError(f"detector lint failed: {done.stderr}")
    return _used() - before, time.monotonic() - began


def _generate(folder: Path, count: int) -> int:
    """Write files as sites have them, of a fixed seed; return their bytes."""
    rand = random.Random(_SEED)
    makers = [(_page, "html"), (_page, "html"), (_page, "html"), (_style, "css"), (_script, "js")]
    size = 0
    for number in range(count):
        make, ending = makers[number % len(makers)]
        path = folder / f"part{number % 100}" / f"{_name(rand)}-{number}.{ending}"
        path.parent.mkdir(parents=True, exist_ok=True)
        size += path.write_text(make(rand), "utf-8")
    return size


def _name(rand: random.Random) -> str:
    """Return a class as build tools make them; each is in some files."""
    return f"{rand.choice(_WORDS)}-{rand.choice(_WORDS)}{rand.randrange(100)}"


def _page(rand: random.Random) -> str:
    parts = (
        f'<div class="{_name(rand)} {rand.choice(_WORDS)}" id="{_name(rand)}">'
        f'<a href="/{_name(rand)}/">words of a story, and some more of them</a>'
        f'<img src="/img/{_name(rand)}.webp" alt=""></div>\n'
        for _ in range(60)
    )
    return f"<!doctype html><title>Page</title>\n{''.join(parts)}"


def _style(rand: random.Random) -> str:
    rule = ".{} > .{} {{ color: red; background: url(../img/{}.png) }}\n"
    return "".join(rule.format(_name(rand), _name(rand), _name(rand)) for _ in range(150))


def _script(rand: random.Random) -> str:
    line = 'const a{0} = document.querySelector(".{1}"); a{0}.classList.add("{2}");\n'
    return "".join(line.format(at, _name(rand), _name(rand)) for at in range(200))
