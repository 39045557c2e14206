"""Runs the doctor as a user does, and tells what it said."""

from __future__ import annotations

import json

import pytest

from detector.cli.main import main

Found = list[dict[str, str]]


class Doctor:
    """The command as a function; `said` is what it wrote to stderr the last time."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys
        self.said = ""

    def __call__(self, *arguments: str) -> tuple[int, Found]:
        """Return the exit status, and what was found that is not well."""
        status = main(["doctor", *arguments, "--json"])
        out, self.said = self._capsys.readouterr()
        found: Found = json.loads(out)["findings"] if out else []
        return status, [one for one in found if one["level"] != "ok"]


def levels(found: Found) -> set[tuple[str, str]]:
    """Return looks and levels alone."""
    return {(one["look"], one["level"]) for one in found}


def text(found: Found) -> str:
    """Return all that was said."""
    return " ".join(f"{one['saw']} {one['mend']}" for one in found)
