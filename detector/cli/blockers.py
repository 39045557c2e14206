"""`detector blockers`: which blockers can be started here, and what is missing for the others.

`add`, `list` and `remove` are about the extensions that the user brings along.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from detector.cli.arguments import add_blocker_options, add_json
from detector.cli.errors import command_errors

if TYPE_CHECKING:
    from detector.testing.blockers.added import Added
    from detector.testing.blockers.model import Options
    from detector.testing.blockers.readiness import Need

HELP = "list the ad blockers that tests can run under; add, list or remove your own"
ADD = "keep a copy of an extension as a blocker, with its hash and date"
LIST = "list the blockers that were added, with hash, date and where they are from"
REMOVE = "remove a blocker that was added"
_SOURCE = "a folder, a .zip, .crx or .xpi, or npm:PACKAGE, which your npm fetches"


def add(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_json(parser)
    add_blocker_options(parser)
    parser.add_argument(
        "--extension", default="", metavar="PATH", help="uBlock Origin for Firefox: .xpi or folder"
    )
    # Without one of them, `detector blockers` says which are ready.
    commands = parser.add_subparsers(metavar="COMMAND", required=False)
    one = commands.add_parser("add", help=ADD, description=f"{ADD}.")
    one.add_argument("name", metavar="NAME", help="its name in --blockers and in reports")
    one.add_argument("source", metavar="SOURCE", help=_SOURCE)
    one.set_defaults(command="blockers add")
    one = commands.add_parser("list", help=LIST, description=f"{LIST}.")
    one.set_defaults(command="blockers list")
    one = commands.add_parser("remove", help=REMOVE, description=f"{REMOVE}.")
    one.add_argument("name", metavar="NAME", help="as `detector blockers list` has it")
    one.set_defaults(command="blockers remove")


def run(args: argparse.Namespace) -> int:
    """Print what is ready, or do what the command says; the status is 0 whatever is missing."""
    from detector.testing.blockers.model import BlockerError, UnknownBlocker

    with command_errors(BlockerError, UnknownBlocker):
        return {"blockers add": _add, "blockers list": _list, "blockers remove": _remove}.get(
            args.command, _ready
        )(args)


def _add(args: argparse.Namespace) -> int:
    from detector.core.printable import printable
    from detector.testing.blockers.added import add
    from detector.testing.blockers.model import Options
    from detector.testing.blockers.registry import check_own_name

    check_own_name(args.name)
    made = add(args.name, args.source, Options())
    print(printable(f"added {made.name}: {made.title} {made.version} for {_browser(made)}"))
    print(f"try it: detector audit URL --blockers {made.name}")
    return 0


def _list(args: argparse.Namespace) -> int:
    import json
    from dataclasses import asdict

    from detector.core.printable import printable
    from detector.testing.blockers.added import entries
    from detector.testing.blockers.model import Options

    found = list(entries(Options()).values())
    if args.json:
        print(json.dumps([asdict(one) for one in found], indent=2))
        return 0
    for one in found:
        about = f"{one.title} {one.version}, {_browser(one)}, {one.mark}\n  from {one.source}"
        print(printable(f"{one.name}  {one.wrong or about}", keep="\n"))
    if not found:
        print("none was added: detector blockers add NAME SOURCE")
    return 0


def _remove(args: argparse.Namespace) -> int:
    from detector.testing.blockers.added import remove
    from detector.testing.blockers.model import Options

    remove(args.name, Options())
    print(f"removed {args.name}")
    return 0


def _browser(one: Added) -> str:
    from detector.testing.blockers.model import ENGINES

    return ENGINES[one.engine]


def _ready(args: argparse.Namespace) -> int:
    import json

    from detector.core.printable import printable
    from detector.testing.blockers.readiness import ready

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
