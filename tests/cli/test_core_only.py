"""Every subcommand without extras: it works, or says in one line what to install."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import pytest

from detector.cli.main import make_parser
from detector.testing.machine import free_port
from tests.conftest import SECRET
from tests.support import core_only

LIST = "||ads.example^\n"
# The arguments that each needs to reach its extra, "" if it needs none.
COMMANDS: dict[tuple[str, ...], tuple[list[str], str]] = {
    ("annotate",): (["x", "--db", "postgresql://user@127.0.0.1:1/counts"], "postgres"),
    ("audit",): (["http://127.0.0.1:1/"], "qa"),
    ("baits", "check"): (["LIST"], "baits"),
    ("baits", "pick"): (["LIST", "--brave", "LIST"], "baits"),
    ("blockers",): ([], "qa"),
    ("blockers", "add"): (["mine", "."], "qa"),
    ("blockers", "list"): ([], "qa"),
    ("blockers", "remove"): (["mine"], "qa"),
    ("config",): ([], ""),
    ("dashboard",): (["--open", "--db", "COUNTS"], "dashboard"),
    ("demo",): ([], "demo"),
    ("doctor",): (["http://127.0.0.1:PORT/", "--lists", "LIST"], "baits"),
    ("notice", "check"): ([], ""),
    ("notice", "link"): (["http://news.example/", "--file", "OPTIONS"], ""),
    ("notice", "preview"): (["--save", "pictures"], "qa"),
    ("export",): (["--to", "parquet", "--db", "x.sqlite", "--into", "out"], "parquet"),
    ("lint",): ([".", "--filter-list", "LIST"], "baits"),
    ("lists", "diff"): (["LIST", "LIST"], "baits"),
    ("mail",): (["--db", "COUNTS", "--to", "you@news.example", "--save", "week.eml"], "mail"),
    ("serve",): (["--config", "SITES"], "serve"),
    ("watch",): (["--db", "postgresql://user@127.0.0.1:1/counts"], "postgres"),
    ("stats",): (["--db", "postgresql://user@127.0.0.1:1/counts"], "postgres"),
}
FURTHER = [
    (["stats", "--db", "redis://127.0.0.1:1/0"], "redis"),
    (["export", "--to", "clickhouse", "--db", "x", "--into", "http://127.0.0.1:1"], "clickhouse"),
    (["notice", "preview", "--sheet", "sheet.png"], "qa"),
    (["notice", "check", "--lists", "LIST"], "baits"),
]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the core alone, and the files that commands read."""
    folder = core_only.make(tmp_path_factory.mktemp("core"))
    (folder / "LIST").write_text(LIST)
    (folder / "OPTIONS").write_text(f'secret = "{SECRET}"\n')
    (folder / "SITES").write_text(f'[news]\nsecret = "{SECRET}"\nhosts = ["news.example"]\n')
    return folder


def subcommands(
    parser: argparse.ArgumentParser, before: tuple[str, ...] = ()
) -> Iterator[tuple[str, ...]]:
    """Yield all commands, subcommands included."""
    deeper = [a for a in parser._actions if isinstance(a, argparse._SubParsersAction)]
    if not deeper or not deeper[0].required:
        yield before
    for action in deeper:
        for name, one in action.choices.items():
            yield from subcommands(one, (*before, name))


def test_every_subcommand_is_named_here() -> None:
    """Every subcommand is covered by this file."""
    assert set(subcommands(make_parser())) == set(COMMANDS)


def test_no_extra_is_to_be_found(place: Path) -> None:
    """The environment has the core and no other installed package."""
    assert core_only.run(place, "--version").returncode == 0
    assert not [one.name for one in place.iterdir() if one.name in ("flask", "adblock", "trustme")]


@pytest.mark.parametrize(
    ("arguments", "extra"),
    [*(([*name, *more], extra) for name, (more, extra) in COMMANDS.items()), *FURTHER],
    ids=lambda value: " ".join(value[:2]) if isinstance(value, list) else None,
)
def test_command_without_its_extra(place: Path, arguments: list[str], extra: str) -> None:
    """A command without its extra exits with 2 and one line that says what to install."""
    arguments = [one.replace("PORT", str(free_port())) for one in arguments]
    done = core_only.run(place, *arguments)
    if not extra:
        assert (done.returncode, done.stderr) == (0, "")
        return
    assert done.returncode == 2, done.stderr
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert done.stderr.startswith("detector ")
    assert f"pip install 'adblock-detector[{extra}]'" in done.stderr
