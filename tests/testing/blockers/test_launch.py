"""The launch options of a browser: the kit's own settings and the user's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from detector.testing.blockers import Options
from detector.testing.blockers.chromium import launched, shell_path


def settings(launch: dict[str, Any], *more: str, **ours: Any) -> dict[str, Any]:
    """Return the options for Playwright's launch with a given executable."""
    given = {"executable_path": "/opt/chromium", **launch}
    return launched(Options(hide_automation=False, launch=given), *more, **ours)


def test_switches_are_added() -> None:
    """The user's arguments, and default arguments to ignore, follow the kit's own."""
    found = settings(
        {"args": ["--mine"], "ignore_default_args": ["--theirs"]},
        "--ours",
        ignore_default_args=["--disable-extensions"],
    )
    assert found["args"][-2:] == ["--ours", "--mine"]
    assert found["ignore_default_args"] == ["--disable-extensions", "--theirs"]


def test_anything_else_stands_in_the_place_of_ours() -> None:
    """The user's executable, proxy or slow motion replaces the kit's."""
    proxy = {"server": "http://127.0.0.1:3128"}
    found = settings({"proxy": proxy, "slow_mo": 5}, proxy=None)
    assert found["proxy"] == proxy
    assert (found["executable_path"], found["slow_mo"]) == ("/opt/chromium", 5)
    assert settings({})["proxy"] is None


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Install a program of the headless shell's name, and nothing else; return its path."""
    program = tmp_path / "chromium-headless-shell"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    return str(program)


def test_the_headless_shell_is_used_where_it_is_asked_for(shell: str) -> None:
    """A whole browser with its window's parts is the default."""
    assert shell_path(Options(headless_shell=True)) == shell
    assert shell_path(Options()) == ""


@pytest.mark.usefixtures("shell")
@pytest.mark.parametrize(
    "options",
    [
        Options(headless_shell=True, headless=False),
        Options(headless_shell=True, launch={"executable_path": "/opt/chromium"}),
    ],
    ids=["a window is wanted", "the user's own browser"],
)
def test_the_headless_shell_replaces_no_other_wish(options: Options) -> None:
    """It has no windows, and it is not the browser that the user names."""
    assert shell_path(options) == ""


def test_without_the_headless_shell_the_browser_itself_runs(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """It has the same engine, and only takes longer."""
    monkeypatch.setenv("PATH", str(tmp_path))
    assert shell_path(Options(headless_shell=True)) == ""
