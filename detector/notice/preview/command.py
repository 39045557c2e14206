"""The command `detector notice preview`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from detector.notice.preview.cases import MODES
from detector.terminal import printable

if TYPE_CHECKING:
    from detector.config import Config

HELP = "show the notice in every mode, theme, direction and width, with your own settings"


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand."""
    preview = commands.add_parser("preview", help=HELP, description=f"{HELP}.")
    preview.add_argument("--file", metavar="FILE", help="a TOML file of options (DETECTOR_CONFIG)")
    preview.add_argument("--host", default="127.0.0.1", help="address to serve at (%(default)s)")
    preview.add_argument("--port", type=_port, default=8200, help="port to serve at (%(default)s)")
    preview.add_argument(
        "--mode",
        action="append",
        choices=MODES,
        default=[],
        help="with --save: this mode only; may be given again",
    )
    preview.add_argument("--save", metavar="DIR", type=Path, help="write PNG files, do not serve")
    preview.add_argument("--sheet", metavar="FILE", type=Path, help="write one PNG, do not serve")
    preview.set_defaults(command="notice preview")


def run(args: argparse.Namespace, config: Config) -> int:
    """Serve until Ctrl+C, or write pictures; raises ListenError and SaveError."""
    if args.save or args.sheet:
        return _save(args, config)
    from detector.notice.preview.app import Gallery
    from detector.notice.preview.server import make

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
    from detector.notice.preview.cases import cases, modes
    from detector.notice.preview.save import save, save_sheet

    if args.save:
        chosen = args.mode or modes(config)
        for name in save(config, chosen, args.save):
            print(printable(f"{name}: the notice did not appear"))
        print(f"{len(list(cases(chosen)))} pictures and index.html are in {args.save}")
    if args.sheet:
        save_sheet(config, args.sheet)
        print(f"the sheet is {args.sheet}")
    return 0


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port: give a number from 0 to 65535")
    return int(text)
