"""`detector blockers`: which blockers can be started here, and what is missing for the others."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from detector.cli.arguments import add_blocker_options, add_json
from detector.cli.errors import command_errors

if TYPE_CHECKING:
    from detector.testing.blockers.model import Options
    from detector.testing.blockers.readiness import Need

HELP = "list the ad blockers that tests can run under"


def add(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_json(parser)
    add_blocker_options(parser)
    parser.add_argument(
        "--extension", default="", metavar="PATH", help="uBlock Origin for Firefox: .xpi or folder"
    )


def run(args: argparse.Namespace) -> int:
    """Print what is ready; the status is 0 whatever is missing."""
    import json

    from detector.core.printable import printable
    from detector.testing.blockers.model import BlockerError, UnknownBlocker
    from detector.testing.blockers.readiness import ready

    with command_errors(BlockerError, UnknownBlocker):
        needs = ready(options_of(args, args.extension))
    if args.json:
        text = json.dumps([_entry(need) for need in needs], indent=2)
    else:
        text = "\n".join(map(printable, _lines(needs)))
    print(printable(text, keep="\n"))
    return 0


def options_of(args: argparse.Namespace, extension: str = "") -> Options:
    """Return how blockers are to be started; raises `BlockerError`."""
    from detector.testing.blockers.model import Options, named_paths

    extensions, ublock = named_paths(args.blocker_extension)
    return Options(
        filter_lists=tuple(args.filter_list),
        extension=extension or ublock,
        extensions=extensions,
    )


def _entry(need: Need) -> dict[str, object]:
    one = need.blocker
    return {
        **{"name": one.name, "label": one.label, "engine": one.engine, "real": one.real},
        **{"acts": one.acts, "pytest": one.driver == "playwright"},
        **{"ready": need.ready, "missing": need.missing or None},
    }


def _lines(needs: list[Need]) -> list[str]:
    width = max(len(need.blocker.name) for need in needs)
    lines: list[str] = []
    for need in needs:
        state = "ready" if need.ready else "missing"
        only = "" if need.blocker.driver == "playwright" else " (not in pytest)"
        lines.append(f"{need.blocker.name:<{width}}  {state:<7}  {need.blocker.label}{only}")
        if need.missing:
            lines.append(" " * (width + 11) + need.missing)
    if any("brew" in need.missing or "winget" in need.missing for need in needs):
        lines.append("The commands for macOS and Windows are untested.")
    return lines
