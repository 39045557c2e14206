"""scripts/compat: which versions it runs, what it says of a missing Python, and when it fails."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from tests.support.root import ROOT

BROKEN = "falcon 4.4.0"


@pytest.fixture
def compat(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return the script as a module that installs and visits nothing; one row fails."""
    monkeypatch.syspath_prepend(ROOT / "scripts")
    module = import_module("compat")
    monkeypatch.setattr(module, "build", lambda folder: folder)
    monkeypatch.setattr(module, "core", lambda name, python, wheel: python)
    monkeypatch.setattr(module, "framework", lambda python, folder, packages: folder)

    def visit(python: Path, site: str, folder: Path, beside: str) -> None:
        if site == "falcon_asgi":
            raise module.CompatError("the page has no tag")

    monkeypatch.setattr(module, "visit", visit)
    monkeypatch.delenv("CI", raising=False)
    return module


@pytest.fixture
def pyenv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty pyenv; nothing else is on PATH but a shim that fails, as pyenv's do."""
    shim = tmp_path / "shims/python3.11"
    shim.parent.mkdir()
    shim.write_text("#!/bin/sh\nexit 127\n")
    shim.chmod(0o755)
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))
    monkeypatch.setenv("PATH", str(shim.parent))
    return tmp_path / "versions"


def add(pyenv: Path, folder: str, name: str, answer: str) -> Path:
    """Add a Python that answers so when asked for its version."""
    file = pyenv / folder / "bin" / name
    file.parent.mkdir(parents=True)
    file.write_text(f"#!/bin/sh\necho {answer}\n")
    file.chmod(0o755)
    return file


def main(compat: Any, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """Run the script with arguments."""
    monkeypatch.setattr(sys, "argv", ["scripts/compat", *arguments])
    status: int = compat.main()
    return status


def test_pythons_of_path_and_pyenv(compat: Any, pyenv: Path) -> None:
    """A Python is what says that it is this version, free-threaded or not, on PATH or in pyenv."""
    assert compat.interpreter("3.11") is None
    wanted = add(pyenv, "3.11.7", "python3.11", "3.11 0")
    assert compat.interpreter("3.11") == wanted
    free = add(pyenv, "3.13.0t", "python3.13t", "3.13 1")
    add(pyenv, "3.12.1", "python3.12", "3.10 0")
    assert compat.interpreter("3.13t") == free
    assert compat.interpreter("3.13") is compat.interpreter("3.12") is None


def test_rows_follow_the_project(compat: Any) -> None:
    """The oldest versions are the bounds that pyproject.toml has, the newest those of the pins."""
    titles = [row.title for row in compat.table(None)]
    assert titles[0] == "no framework" and len(titles) == len(set(titles))
    assert {"flask 3.0", "django 5.2", "django 6.1.3", "starlette 0.40", BROKEN} <= set(titles)
    assert f"flask {compat.constraints()['flask']}" in titles
    for name in filter(None, compat.SITES):
        assert any(title.startswith(f"{name} ") for title in titles), name


def test_table(
    compat: Any, pyenv: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A failed cell is named with its reason, a missing Python too; Django 6 needs Python 3.12."""
    add(pyenv, "3.11.7", "python3.11", "3.11 0")
    add(pyenv, "3.13.0", "python3.13", "3.13 0")
    assert main(compat, monkeypatch, "--frameworks", "django", "falcon") == 1
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert lines == [
        ["Python", "3.11", "Python", "3.13"],
        ["django", "5.2", "ok", "ok"],
        ["django", "6.1.3", "needs", "3.12", "ok"],
        ["falcon", "4.4.0", "FAILED", "FAILED"],
        ["Not", "here:", "Python", "3.12,", "3.13t,", "3.14,", "3.14t"],
        [],
        f"{BROKEN} on Python 3.11:".split(),
        ["the", "page", "has", "no", "tag"],
        [],
        f"{BROKEN} on Python 3.13:".split(),
        ["the", "page", "has", "no", "tag"],
    ]


def test_missing_python_in_ci(
    compat: Any, pyenv: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where a Python is missing the others are used; with CI=true that is an error with its fix."""
    add(pyenv, "3.11.7", "python3.11", "3.11 0")
    assert main(compat, monkeypatch, "--frameworks", "flask") == 0
    capsys.readouterr()
    monkeypatch.setenv("CI", "true")
    assert main(compat, monkeypatch, "--frameworks", "flask") == 1
    assert "Python 3.12 is missing: pyenv install 3.12, or put" in capsys.readouterr().out
    # Free-threaded Pythons and newer ones are never needed, but those that are asked for.
    add(pyenv, "3.12.1", "python3.12", "3.12 0")
    add(pyenv, "3.13.0", "python3.13", "3.13 0")
    assert main(compat, monkeypatch, "--frameworks", "flask") == 0
    assert main(compat, monkeypatch, "--frameworks", "flask", "--pythons", "3.11", "3.13t") == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--frameworks", "bottle"], "unknown framework bottle: use one of flask, django"),
        (["--pythons", "3.99"], "none of Python 3.99 is on PATH or in pyenv"),
    ],
)
def test_bad_input(arguments: list[str], message: str) -> None:
    """An unknown framework, and no Python at all, are named."""
    command = [sys.executable, str(ROOT / "scripts/compat.py"), *arguments]
    env = {**os.environ, "PYTHONPATH": ""}
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2 and message in done.stderr, done.stderr
