"""Directives that make reference pages from the code, so that no table is kept by hand.

`detector-options` is the table of all options, `detector-commands` the commands and their
arguments, `detector-notice-check` what that command prints for the options in the directive. All of
them write Markdown, which the tests read too.
"""

from __future__ import annotations

import argparse
import io
import re
import tempfile
import textwrap
from collections.abc import Callable, Iterable, Iterator
from contextlib import redirect_stdout
from dataclasses import fields
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from detector import Config
from detector.cli.main import main, make_parser

WIDTH = 88
"""Columns of a printed usage: the terminal that builds the site has no say."""


def options() -> str:
    """Return the table of options: name, default and meaning, those of the site first."""
    rows = ["```{table}", ":class: options", "", "| option | default | meaning |", "|---|---|---|"]
    for item in sorted(fields(Config), key=lambda item: item.name not in Config.__annotations__):
        meaning = _linked(_cell(item.metadata["doc"]))
        rows.append(f"| {_target(item.name)} | {default_of(item)} | {meaning} |")
    return "\n".join([*rows, "```", ""])


def default_of(item: Any) -> str:
    """Return the default of an option as its cell shows it."""
    if item.name == "secret":
        return "from `SECRET_KEY`"
    text = repr(item.default).replace("'", '"')
    return f"`{text}`"


def commands() -> str:
    """Return a section for each command, with its usage and its arguments."""
    return "\n".join(_sections(make_parser()))


def notice_check(options: str) -> str:
    """Return what `detector notice check` prints for a file of options."""
    with tempfile.TemporaryDirectory() as folder, redirect_stdout(io.StringIO()) as printed:
        file = Path(folder) / "site.toml"
        file.write_text(f'secret = "a secret for the examples"\n{options}\n', "utf-8")
        main(["notice", "check", "--file", str(file)])
    lines = [_wrapped(line) for line in printed.getvalue().splitlines()]
    return "\n".join(["```text", *lines, "```", ""])


def _wrapped(line: str) -> str:
    indent = line[: len(line) - len(line.lstrip())]
    return textwrap.fill(
        line,
        WIDTH,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _target(name: str) -> str:
    return f'<span id="option-{name}">`{name}`</span>'


def _cell(text: str) -> str:
    """Escape what would be markup: a table's border, and HTML."""
    return text.replace("|", "\\|").replace("<", "&lt;").replace("*", "\\*")


def _linked(text: str) -> str:
    """Turn the path of a page of this site into a link to it, named by the page's title."""
    return re.sub(r"docs/([\w/-]+\.md)", r"[](/\1)", text)


def _sections(parser: argparse.ArgumentParser, summary: str = "") -> Iterator[str]:
    subcommands = [one for one in parser._actions if isinstance(one, argparse._SubParsersAction)]
    if not subcommands or not subcommands[0].required:
        yield f"## {parser.prog}\n"
        yield f"{_sentence(summary)}\n" if summary else ""
        yield f"```text\n{_usage(parser)}\n```\n"
        yield from _arguments(parser)
    for action in subcommands:
        helps = {one.dest: one.help or "" for one in action._choices_actions}
        for name, child in action.choices.items():
            yield from _sections(child, helps.get(name, ""))


def _usage(parser: argparse.ArgumentParser) -> str:
    formatter = argparse.HelpFormatter(parser.prog, width=WIDTH)
    formatter.add_usage(parser.usage, parser._actions, parser._mutually_exclusive_groups)
    return formatter.format_help().strip()


def _arguments(parser: argparse.ArgumentParser) -> Iterator[str]:
    shown = [one for one in parser._actions if one.help is not argparse.SUPPRESS]
    shown = [one for one in shown if not isinstance(one, argparse._HelpAction)]
    if not shown:
        return
    yield "| argument | meaning |"
    yield "|---|---|"
    for action in shown:
        names = ", ".join(f"`{name}`" for name in _names(action))
        yield f"| {names} | {_cell(_help(parser, action))} |"
    yield ""


def _names(action: argparse.Action) -> Iterable[str]:
    value = str(action.metavar or action.dest.upper())
    if action.choices is not None and action.metavar is None:
        value = "{" + ",".join(map(str, action.choices)) + "}"
    if not action.option_strings:
        return [value]
    return [name if action.nargs == 0 else f"{name} {value}" for name in action.option_strings]


def _help(parser: argparse.ArgumentParser, action: argparse.Action) -> str:
    values = {**vars(action), "prog": parser.prog}
    return _sentence((action.help or "") % values)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", ")")) else ".")


class _FromCode(SphinxDirective):
    """Writes Markdown where the directive stands."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        """Return the parsed Markdown."""
        text = MAKERS[self.name]("\n".join(self.content))
        return self.parse_text_to_nodes(text, allow_section_headings=True)


MAKERS: dict[str, Callable[[str], str]] = {
    "detector-options": lambda _: options(),
    "detector-commands": lambda _: commands(),
    "detector-notice-check": notice_check,
}


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directives."""
    for name in MAKERS:
        app.add_directive(name, _FromCode)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
