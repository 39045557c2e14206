"""Runs `detector mail` within a test."""

from __future__ import annotations

from pathlib import Path

import pytest

from detector.cli.main import main

EVIL = '<img src="x" onerror=y>'


class Run:
    """Runs the command; `err` is what it complained of."""

    def __init__(self, path: Path, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.path, self.state, self._capsys = path, folder / "mail.json", capsys
        self.out = self.err = ""

    def __call__(self, *options: str, to: str = "you@news.example") -> int:
        """Return the exit status."""
        self._capsys.readouterr()
        given = ("--db", str(self.path), "--to", to, "--state", str(self.state), *options)
        status = main(["mail", *given])
        self.out, self.err = self._capsys.readouterr()
        return status
