"""Runs the doctor as a user does, and reads its output."""

from __future__ import annotations

import json

import pytest

from detector.cli.main import main

Found = list[dict[str, str]]


class Doctor:
    """The command as a function; `said` is the stderr output of the last run."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys
        self.said = ""

    def __call__(self, *arguments: str) -> tuple[int, Found]:
        """Return the exit status and the findings that are not ok."""
        status = main(["doctor", *arguments, "--json"])
        out, self.said = self._capsys.readouterr()
        found: Found = json.loads(out)["findings"] if out else []
        return status, [one for one in found if one["level"] != "ok"]


def levels(found: Found) -> set[tuple[str, str]]:
    """Return the checks and levels only."""
    return {(one["look"], one["level"]) for one in found}


def text(found: Found) -> str:
    """Return the whole output."""
    return " ".join(f"{one['saw']} {one['fix']}" for one in found)
