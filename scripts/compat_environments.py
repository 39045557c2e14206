"""Finds Pythons, and installs into .cache/compat what scripts/compat runs on them.

Each Python has an environment with the built wheel and its core dependencies alone, and for each
framework a folder with it and uvicorn. A folder is made anew when what it is made of changes.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
KEPT = ROOT / ".cache" / "compat"
SECONDS = 600


class CompatError(Exception):
    """Raised if something cannot be installed or run; the message says why and how to fix it."""


def interpreter(name: str) -> Path | None:
    """Return a Python of PATH or pyenv that is of this version, such as 3.13t, or None."""
    number, free = name.removesuffix("t"), name.endswith("t")
    root = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    folders = [Path(one) for one in os.get_exec_path()]
    folders += [one / "bin" for one in sorted(root.glob(f"versions/{number}.*"), reverse=True)]
    ask = "import sys, sysconfig; print('%d.%d' % sys.version_info[:2], "
    ask += "sysconfig.get_config_var('Py_GIL_DISABLED') or 0)"
    for folder in folders:
        file = folder / f"python{name}"
        if not os.access(file, os.X_OK):
            continue
        # A shim of pyenv fails for a version that is not switched on.
        done = subprocess.run([file, "-c", ask], capture_output=True, text=True)
        if done.returncode == 0 and done.stdout.split() == [number, str(int(free))]:
            return file
    return None


def project() -> dict[str, Any]:
    """Return the project's table of pyproject.toml."""
    found: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return found


def constraints() -> dict[str, str]:
    """Return the versions of constraints.txt by package, in lower case."""
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    return {name.lower(): version for name, _, version in (one.partition("==") for one in lines)}


def build(folder: Path) -> Path:
    """Build the wheel."""
    call([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)], ROOT)
    return next(folder.glob("*.whl"))


def core(name: str, python: Path, wheel: Path) -> Path:
    """Return the Python of an environment with the wheel and its core dependencies alone."""
    place = KEPT / name / "core"
    inside = place / "bin" / "python"
    made_of = [str(python), project()["dependencies"], constraints()]
    if _is(place, made_of):
        _pip(inside, "--no-deps", "--force-reinstall", str(wheel))
        return inside
    shutil.rmtree(place, ignore_errors=True)
    call([str(python), "-m", "venv", "--without-pip", str(place)])
    _pip(inside, *_pins(place, ()), str(wheel))
    _finish(place, made_of)
    return inside


def framework(python: Path, folder: str, packages: Sequence[str]) -> Path:
    """Return a folder beside a core environment, with these packages of exact versions."""
    place = python.parents[2] / folder
    made_of = [str(python.resolve()), packages, constraints()]
    if not _is(place, made_of):
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        _pip(python, *_pins(place, packages), "--target", str(place), *packages, "uvicorn")
        _finish(place, made_of)
    return place


def _pins(place: Path, packages: Sequence[str]) -> tuple[str, str]:
    """Return pip's option for constraints.txt without what has another version here."""
    own = {one.partition("==")[0] for one in packages}
    file = place / "constraints"
    lines = (f"{one}=={version}\n" for one, version in constraints().items() if one not in own)
    file.write_text("".join(lines))
    return "--constraint", str(file)


def _pip(python: Path, *options: str) -> None:
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet"]
    call(
        [
            *pip,
            "--disable-pip-version-check",
            "--no-input",
            "--no-compile",
            "--prefer-binary",
            *options,
        ]
    )


def _digest(made_of: object) -> str:
    return hashlib.sha256(json.dumps(made_of).encode()).hexdigest()


def _is(place: Path, made_of: object) -> bool:
    stamp = place / "made-of"
    return stamp.exists() and stamp.read_text() == _digest(made_of)


def _finish(place: Path, made_of: object) -> None:
    (place / "made-of").write_text(_digest(made_of))


def call(command: list[str], folder: Path | None = None, path: str = "") -> str:
    """Run a program in a folder and return what it prints; raise CompatError if it fails."""
    env = {k: v for k, v in os.environ.items() if not k.startswith(("DETECTOR_", "PYTHON"))}
    env |= {"PYTHONPATH": path} if path else {}
    try:
        done = subprocess.run(
            command, cwd=folder, env=env, capture_output=True, text=True, timeout=SECONDS
        )
    except subprocess.TimeoutExpired:
        raise CompatError(f"no end within {SECONDS} seconds: {' '.join(command)}") from None
    if done.returncode:
        raise CompatError((done.stdout + done.stderr)[-3000:] or f"{command[0]} failed")
    return done.stdout + done.stderr
