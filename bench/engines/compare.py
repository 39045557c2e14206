"""Runs the engines on one input, and compares their answers with those of the package `adblock`."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.engines.asked import Request
from detector.filter_lists.unread import unread

FOLDER = Path(__file__).parent
OURS = "adblock"
PYTHON = (OURS, "braveblock")
NODE = ("adblock-rs", "@ghostery/adblocker", "@gorhill/ubo-core")
_SECONDS = 1800


@dataclass(frozen=True)
class Answers:
    """What one engine said, or why it was not run; times are in seconds."""

    name: str
    missing: str = ""
    version: str = ""
    compile: float = 0.0
    match: float = 0.0
    blocked: tuple[bool, ...] = ()
    hidden: tuple[bool, ...] | None = None
    unread: int | None = None


def ask(
    lines: Sequence[str],
    requests: Sequence[Request],
    classes: Sequence[str],
    npm: Path | None,
    python: str,
) -> list[Answers]:
    """Return the answers of every engine."""
    with tempfile.TemporaryDirectory() as room:
        file = Path(room) / "input.json"
        given = {"lines": lines, "requests": requests, "classes": classes}
        file.write_text(json.dumps(given), "utf-8")
        found = [_python(name, file, sys.executable if name == OURS else python) for name in PYTHON]
        found += [_node(name, file, npm) for name in NODE]
    ours = unread([lines]).count
    return [Answers(**{**vars(one), "unread": ours}) if one.name == OURS else one for one in found]


def _python(name: str, file: Path, python: str) -> Answers:
    done = subprocess.run([python, "-c", f"import {name}"], capture_output=True, check=False)
    if done.returncode:
        return Answers(name, f"--python {python} does not have it: pip install {name}")
    return _run(name, [python, str(FOLDER / "worker.py"), name, str(file)])


def _node(name: str, file: Path, npm: Path | None) -> Answers:
    if npm is None:
        return Answers(name, "no folder was named: --npm FOLDER, after npm install in it")
    if shutil.which("node") is None:
        return Answers(name, "node is not on this machine: Debian `apt-get install nodejs`")
    if not (npm / "node_modules" / name).is_dir():
        return Answers(name, f"--npm {npm} does not have it: npm install {name}")
    return _run(name, ["node", str(FOLDER / "worker.mjs"), name, str(npm.resolve()), str(file)])


def _run(name: str, command: list[str]) -> Answers:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=True)
        told: dict[str, Any] = json.loads(done.stdout)
    except subprocess.CalledProcessError as error:
        return Answers(name, f"it failed: {(error.stderr.strip().splitlines() or ['?'])[-1]}")
    except (subprocess.TimeoutExpired, ValueError) as error:
        return Answers(name, f"it failed: {error}")
    hidden = told.pop("hidden")
    blocked = tuple(told.pop("blocked"))
    return Answers(name, **told, blocked=blocked, hidden=None if hidden is None else tuple(hidden))


@dataclass(frozen=True)
class Difference:
    """How many of some requests an engine blocks, and in how many it differs from `adblock`."""

    blocked: int
    only_it: int
    only_ours: int


def difference(ours: Sequence[bool], its: Sequence[bool]) -> Difference:
    """Compare the answers to the same requests."""
    pairs = list(zip(ours, its, strict=True))
    return Difference(
        sum(its), sum(b and not a for a, b in pairs), sum(a and not b for a, b in pairs)
    )
