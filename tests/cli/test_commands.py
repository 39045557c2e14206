"""The table of subcommands: what each module has, and what building the parser imports."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from importlib import import_module
from inspect import signature
from pathlib import Path

import pytest

from detector.analytics.query import STEPS
from detector.cli import stats
from detector.cli.errors import CommandError, command_errors
from detector.cli.main import COMMANDS, main

IMPORTED = """
import json, sys
before = set(sys.modules)
from detector.cli.main import main
try:
    main(sys.argv[1:])
except SystemExit as ended:
    assert ended.code == 0
print(json.dumps(sorted(set(sys.modules) - before)))
"""


@pytest.mark.parametrize("name", COMMANDS)
def test_three_parts(name: str) -> None:
    """Each module of the table has one line of help, its arguments, and what runs."""
    module = import_module(COMMANDS[name].module)
    assert module.HELP
    assert "\n" not in module.HELP
    assert [*signature(module.add).parameters] == ["parser"]
    assert [*signature(module.run).parameters] == ["args"]
    module.add(argparse.ArgumentParser())


def test_every_file_of_a_subcommand_is_in_the_table() -> None:
    """A module with the three parts that is not in the table could not be run."""
    folder = Path(str(stats.__file__)).parent
    found = {
        f"detector.cli.{file.stem}"
        for file in folder.glob("*.py")
        if "\ndef add(parser" in (text := file.read_text("utf-8")) and "\ndef run(" in text
    }
    assert found == {command.module for command in COMMANDS.values()}


@pytest.mark.parametrize("arguments", [["--help"], ["audit", "--help"], ["--version"]])
def test_help_imports_the_commands_alone(arguments: list[str]) -> None:
    """Help needs nothing beyond the standard library and detector.cli."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", IMPORTED, *arguments],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    imported = json.loads(done.stdout.splitlines()[-1])
    ours = [name for name in imported if name.partition(".")[0] == "detector"]
    assert "detector.cli.stats" in ours
    assert [n for n in ours if n != "detector" and not n.startswith("detector.cli")] == []
    foreign = {name.partition(".")[0] for name in imported} - set(sys.stdlib_module_names)
    assert foreign <= {"detector"}


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    """`detector --help` has a line for each command."""
    with pytest.raises(SystemExit):
        main(["--help"])
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert {line[0] for line in lines if line} >= {*COMMANDS}


def test_package_runs_as_the_command() -> None:
    """`python -m detector.cli` is the command `detector`."""
    done = subprocess.run(
        [sys.executable, "-m", "detector.cli", "--version"],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout.startswith("detector ")


def test_steps_are_those_of_queries() -> None:
    """`stats --step` allows what a query allows."""
    assert [*stats.STEPS] == [name for name in STEPS if name]


def test_errors_become_command_errors() -> None:
    """Errors that are named become the command's, with the option before them; others pass."""
    with pytest.raises(CommandError, match=r"^--db: gone$"), command_errors(OSError, option="--db"):
        raise OSError("gone")
    with pytest.raises(CommandError, match=r"^gone$"), command_errors(OSError):
        raise OSError("gone")
    with pytest.raises(KeyError), command_errors(OSError):
        raise KeyError("other")
