"""The command `detector`: one small function for each subcommand, which imports what it needs."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from detector import __version__
from detector.audit import options as audit_options
from detector.core.printable import printable
from detector.doctor import options


class _Refused(Exception):
    """A command cannot do what was asked; the text says why and how to mend it."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one subcommand and give its exit status; 2 comes with a message on stderr."""
    args = _parser().parse_args(argv)
    try:
        status = int(args.run(args))
        sys.stdout.flush()
        return status
    except BrokenPipeError:
        # The reader has enough (`detector stats | head`); Python's own flush at exit must not fail.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except _Refused as error:
        print(f"detector {args.command}: {printable(str(error))}", file=sys.stderr)
        return 2
    except ModuleNotFoundError as error:
        missing, command = (error.name or "").partition(".")[0], str(args.command)
        if command not in _EXTRAS or missing in ("", "detector"):
            raise
        what, extra = _EXTRAS[command]
        cure = f"pip install 'adblock-detector[{extra}]'"
        print(f"detector {command}: {what} needs {missing}: {cure}", file=sys.stderr)
        return 2


# Commands that do nothing without an extra, and what they are called in its message.
_EXTRAS = {
    "audit": ("the audit", "qa"),
    "blockers": ("the list", "qa"),
    "dashboard": ("the dashboard", "dashboard"),
    "demo": ("the demo", "demo"),
    "serve": ("the server", "serve"),
}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="detector", description=_DESCRIPTION)
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    _add_stats(commands.add_parser("stats", help="print the counts of a site"))

    _add_baits(commands.add_parser("baits", help="check the baits, or pick new ones"))

    _add_notice(commands.add_parser("notice", help="check the notice, look at it or show it"))

    config = commands.add_parser("config", help="print the effective options and their sources")
    config.add_argument("--file", metavar="FILE", help="a TOML file of options (DETECTOR_CONFIG)")
    config.add_argument("--json", action="store_true", help="print JSON instead of a table")
    config.add_argument(
        "--privacy", action="store_true", help="print a paragraph for your page about privacy"
    )
    config.set_defaults(run=_config)

    serve = commands.add_parser("serve", help="serve the detector beside sites of any language")
    serve.add_argument("--config", required=True, metavar="FILE", help="TOML file of the sites")
    serve.add_argument("--host", default="127.0.0.1", help="address to serve at (%(default)s)")
    serve.add_argument("--port", type=_port, default=8100, help="port to serve at (%(default)s)")
    serve.add_argument(
        "--print-tag", metavar="NAME", help="print the tag of one site to paste, and do not serve"
    )
    serve.add_argument(
        "--group", default="", metavar="WORD", help="with --print-tag: the kind of pages it is for"
    )
    serve.set_defaults(run=_serve)

    _add_dashboard(commands.add_parser("dashboard", help="serve a web page of a site's counts"))

    doctor = commands.add_parser("doctor", help="look at a deployed site by its public address")
    options.add(doctor)
    doctor.set_defaults(run=_doctor)

    blockers = commands.add_parser("blockers", help="list the ad blockers that tests can run under")
    _add_blockers(blockers)

    audit = commands.add_parser("audit", help="look at a site under every ad blocker")
    audit_options.add(audit)
    audit.set_defaults(run=_audit)

    demo = commands.add_parser("demo", help="serve a demo newspaper on this machine")
    demo.add_argument("--host", default="127.0.0.1", help="address to serve at (%(default)s)")
    demo.add_argument("--port", type=_port, default=8000, help="port to serve at (%(default)s)")
    demo.add_argument("--db", metavar="FILE", help="file for the counts (the demo chooses one)")
    demo.add_argument(
        "--traffic", action="store_true", help="fill empty counts with an invented month of views"
    )
    demo.set_defaults(run=_demo)
    return parser


_DESCRIPTION = "Tells a Python site which page views have their ads blocked, and asks politely."


def _add_baits(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    where = "filter list: a file, or an address that is asked for as it stands"
    brave = "Brave's first-party list, which acts in its standard mode too"

    check = commands.add_parser("check", help="say which baits live in filter lists")
    check.add_argument("lists", nargs="+", metavar="LIST", help=where)
    check.add_argument("--brave", metavar="LIST", help=brave)
    check.add_argument("--baits-file", default="", metavar="FILE", help="a pool of your own")
    check.add_argument(
        "--secret",
        default=os.environ.get("DETECTOR_SECRET", ""),
        metavar="TEXT",
        help="also check the names of the site with this secret (DETECTOR_SECRET)",
    )
    check.add_argument("--json", action="store_true", help="print JSON instead of a table")
    check.set_defaults(run=_baits, command="baits check")

    pick = commands.add_parser("pick", help="make a pool of baits from filter lists")
    pick.add_argument("lists", nargs="+", metavar="LIST", help=where)
    pick.add_argument("--brave", required=True, metavar="LIST", help=brave)
    older = "older list, to tell which names last"
    pick.add_argument("--older", nargs="+", action="extend", default=[], metavar="LIST", help=older)
    pick.add_argument("--out", metavar="FILE", help="where to write it (the screen)")
    pick.set_defaults(run=_baits, command="baits pick")


def _add_stats(parser: argparse.ArgumentParser) -> None:
    from detector.cli import stats as stats_command

    stats_command.add(parser)
    parser.set_defaults(run=_stats)


def _add_dashboard(parser: argparse.ArgumentParser) -> None:
    from detector.cli import dashboard as dashboard_command

    dashboard_command.add(parser, _port)
    parser.set_defaults(run=_dashboard)


def _add_notice(parser: argparse.ArgumentParser) -> None:
    from detector.cli import notice as notice_command

    notice_command.add(parser)
    parser.set_defaults(run=_notice)


def _add_blockers(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument(
        "--filter-list",
        action="append",
        default=[],
        metavar="FILE_OR_URL",
        help="filter list of the emulated blockers, any number of times",
    )
    parser.add_argument(
        "--blocker-extension",
        action="append",
        default=[],
        metavar="NAME=PATH",
        help="a Manifest V3 extension for Chromium as a blocker: a folder or a zip",
    )
    parser.add_argument(
        "--extension", default="", metavar="PATH", help="uBlock Origin for Firefox: .xpi or folder"
    )
    parser.set_defaults(run=_blockers)


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port: give a number from 0 to 65535")
    return int(text)


def _baits(args: argparse.Namespace) -> int:
    from detector.cli import baits as baits_command

    try:
        run = baits_command.pick if args.command == "baits pick" else baits_command.check
        return run(args)
    except baits_command.ERRORS as error:
        raise _Refused(str(error)) from error


def _blockers(args: argparse.Namespace) -> int:
    from detector.cli import blockers as blockers_command

    try:
        return blockers_command.run(args)
    except blockers_command.ERRORS as error:
        raise _Refused(str(error)) from error


def _audit(args: argparse.Namespace) -> int:
    from detector.cli import audit as audit_command

    try:
        return audit_command.run(args)
    except audit_command.errors() as error:
        raise _Refused(str(error)) from error


def _config(args: argparse.Namespace) -> int:
    from detector.cli import config as config_command
    from detector.core.errors import ConfigError

    try:
        return config_command.run(args)
    except ConfigError as error:
        raise _Refused(str(error)) from error


def _notice(args: argparse.Namespace) -> int:
    from detector.cli import notice as notice_command
    from detector.core.errors import ConfigError
    from detector.filter_lists.fetch import ListError
    from detector.notice_preview.save import SaveError
    from detector.serve.listening import ListenError

    try:
        return notice_command.run(args)
    except (ConfigError, ListError, ListenError, SaveError) as error:
        raise _Refused(str(error)) from error


def _serve(args: argparse.Namespace) -> int:
    from detector.cli import serve as serve_command
    from detector.core.errors import ConfigError
    from detector.serve.listening import ListenError

    try:
        return serve_command.run(args)
    except (ConfigError, ListenError) as error:
        raise _Refused(str(error)) from error


def _dashboard(args: argparse.Namespace) -> int:
    from detector.cli import dashboard as dashboard_command
    from detector.core.errors import StoreError
    from detector.serve.listening import ListenError

    try:
        return dashboard_command.run(args)
    except StoreError as error:
        raise _Refused(f"--db: {error}") from error
    except (dashboard_command.Refused, ListenError) as error:
        raise _Refused(str(error)) from error


def _doctor(args: argparse.Namespace) -> int:
    from detector.cli import doctor as doctor_command

    try:
        return doctor_command.run(args)
    except doctor_command.ERRORS as error:
        raise _Refused(str(error)) from error


def _stats(args: argparse.Namespace) -> int:
    from detector.cli import stats as stats_command
    from detector.core.errors import StoreError

    try:
        return stats_command.run(args)
    except StoreError as error:
        raise _Refused(f"--db: {error}") from error
    except ValueError as error:
        raise _Refused(f"--by: {error}") from error


def _demo(args: argparse.Namespace) -> int:
    from detector.demo.serve import run

    try:
        run(host=args.host, port=args.port, db=args.db, traffic=args.traffic)
    except SystemExit as error:
        # Python gives a message that a program ends with status 1; ours is 2 for every command.
        if not isinstance(error.code, str):
            raise
        print(printable(error.code), file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
