"""The commands `detector notice check`, `link` and `preview`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from detector.cli.arguments import add_address, add_json, add_options_file
from detector.cli.errors import command_errors

if TYPE_CHECKING:
    from detector.core.config.options import Config

HELP = "check the notice, look at it or show it"
LINK = "print a signed address under which anybody sees a page with the notice, uncounted"
PREVIEW = "show the notice in every mode, theme, direction and width, with your own settings"
CHECK = "say what filter lists, search engines and readers will not put up with in the notice"


def add(parser: argparse.ArgumentParser) -> None:
    """Add the subcommands of `detector notice`."""
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    check = commands.add_parser("check", help=CHECK, description=f"{CHECK}; 1 on any error.")
    add_options_file(check)
    where = "filter lists: files, or addresses that are asked for as they stand"
    check.add_argument("--lists", nargs="+", action="extend", metavar="LIST", help=where)
    add_json(check, "lines")
    check.set_defaults(command="notice check")
    link = commands.add_parser("link", help=LINK, description=f"{LINK}, for a week.")
    link.add_argument("url", help="address of the page")
    link.add_argument("--mode", default="corner", help="a mode, or explain (%(default)s)")
    link.add_argument("--kind", default="extension", help="what stops ads (%(default)s)")
    add_options_file(link)
    link.set_defaults(command="notice link")
    _add_preview(commands)


def _add_preview(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    preview = commands.add_parser("preview", help=PREVIEW, description=f"{PREVIEW}.")
    add_options_file(preview)
    add_address(preview, 8200)
    preview.add_argument(
        "--mode",
        action="append",
        type=_mode,
        default=[],
        metavar="MODE",
        help="with --save: this mode only, such as corner; may be given again",
    )
    preview.add_argument("--save", metavar="DIR", type=Path, help="write PNG files, do not serve")
    preview.add_argument("--sheet", metavar="FILE", type=Path, help="write one PNG, do not serve")
    preview.set_defaults(command="notice preview")


def run(args: argparse.Namespace) -> int:
    """Run one of the commands; `check` returns 1 on any error."""
    from detector.core.errors import ConfigError
    from detector.filter_lists.fetch import ListError
    from detector.notice_preview.save import SaveError
    from detector.serve.listening import ListenError

    with command_errors(ConfigError, ListError, ListenError, SaveError):
        if args.command == "notice link":
            return _link(args)
        config = _config(args)
        return _preview(args, config) if args.command == "notice preview" else _check(args, config)


def _config(args: argparse.Namespace) -> Config:
    import secrets

    from detector.core.config.loading import gather

    stand_in = {"secret": secrets.token_hex()}
    options = {"config": args.file} if args.file else {}
    return gather(options, fallback=stand_in, fallback_title="not set").config


def _link(args: argparse.Namespace) -> int:
    """Print a signed address; an error where the secret is not set or the address is none."""
    from dataclasses import replace

    from detector.core.config.loading import gather
    from detector.core.printable import printable
    from detector.core.site import Site

    config = gather({"config": args.file} if args.file else {}).config
    with command_errors(ValueError):
        link = Site(replace(config, store="")).simulate_link(args.url, args.mode, args.kind)
    print(printable(link))
    return 0


def _check(args: argparse.Namespace, config: Config) -> int:
    from detector.core.printable import printable
    from detector.notice_check.check import document, findings, text
    from detector.notice_check.finding import failed

    found = findings(config)
    held: list[Any] = []
    if args.lists:
        from detector.notice_check import filter_lists

        held = filter_lists.hold(config, args.lists)
        found += filter_lists.findings(held)
    shown = (document if args.json else text)(config, found, held)
    print(printable(shown, keep="\n"))
    return 1 if failed(found) else 0


def _preview(args: argparse.Namespace, config: Config) -> int:
    """Serve the gallery until Ctrl+C, or write pictures."""
    if args.save or args.sheet:
        return _save(args, config)
    from detector.notice_preview.app import Gallery
    from detector.notice_preview.server import make

    server, url = make(Gallery(config), args.host, args.port)
    print(f"The gallery is at {url}/  (Ctrl+C stops it)", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        print("Stopped.")
    finally:
        server.server_close()
    return 0


def _save(args: argparse.Namespace, config: Config) -> int:
    from detector.core.printable import printable
    from detector.notice_preview.cases import cases, modes
    from detector.notice_preview.save import save, save_sheet

    if args.save:
        chosen = args.mode or modes(config)
        for name in save(config, chosen, args.save):
            print(printable(f"{name}: the notice did not appear"))
        print(f"{len(list(cases(chosen)))} pictures and index.html are in {args.save}")
    if args.sheet:
        save_sheet(config, args.sheet)
        print(f"the sheet is {args.sheet}")
    return 0


def _mode(text: str) -> str:
    from detector.notice_preview.cases import MODES

    if text not in MODES:
        raise argparse.ArgumentTypeError(f"{text!r} is not a mode: use {', '.join(MODES)}")
    return text
