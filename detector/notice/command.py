"""The command `detector notice check`: what it prints, and its exit status."""

from __future__ import annotations

import argparse
import json
import secrets
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from detector.config import Config
    from detector.notice.finding import Finding
    from detector.notice.listed import Held
    from detector.notice.reach import Use

HELP = "say what filter lists, search engines and readers will not put up with in the notice"
NO_LISTS = "filter lists were not read; name some: --lists LIST ... (needs adblock-detector[baits])"


def add(parser: argparse.ArgumentParser) -> None:
    """Add the subcommands of `detector notice`."""
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    check = commands.add_parser("check", help=HELP, description=f"{HELP}; 1 on any error.")
    check.add_argument("--file", metavar="FILE", help="a TOML file of options (DETECTOR_CONFIG)")
    where = "filter lists: files, or addresses that are asked for as they stand"
    check.add_argument("--lists", nargs="+", action="extend", metavar="LIST", help=where)
    check.add_argument("--json", action="store_true", help="print JSON instead of lines")
    check.set_defaults(command="notice check")


def run(args: argparse.Namespace) -> int:
    """Print what is found: 1 on any error, else 0; raises ConfigError and ListError."""
    from detector.notice.check import findings
    from detector.notice.finding import failed
    from detector.notice.reach import uses
    from detector.sources import gather

    stand_in = {"secret": secrets.token_hex()}
    options = {"config": args.file} if args.file else {}
    config = gather(options, fallback=stand_in, fallback_title="not set").config
    found = findings(config)
    held: list[Held] = []
    if args.lists:
        from detector.notice import listed

        held = listed.hold(config, args.lists)
        found += listed.findings(held)
    if args.json:
        print(json.dumps(_document(config, found, held), indent=2, ensure_ascii=False))
    else:
        print("\n".join(_text(config, found, held, uses(config))))
    return 1 if failed(found) else 0


def _document(config: Config, found: Sequence[Finding], held: Sequence[Held]) -> dict[str, Any]:
    from detector.notice.check import unread
    from detector.notice.finding import failed
    from detector.notice.footprint import covers, measured
    from detector.notice.reach import uses

    return {
        "ok": not failed(found),
        "findings": [one.as_dict() for one in found],
        "covers": {
            "measured_on": measured()["measured_on"],
            "viewports": measured()["viewports"],
            "percent": covers(uses(config)),
        },
        "lists": [one.as_dict() for one in held],
        "texts_not_read": unread(config),
    }


def _text(
    config: Config, found: Sequence[Finding], held: Sequence[Held], reached: Sequence[Use]
) -> list[str]:
    from detector.notice import footprint
    from detector.notice.check import unread

    lines = []
    for one in found:
        lines.append(f"{one.level}: {one.where}: {one.what}; {one.mend}")
        if one.source:
            lines.append(f"  by {one.source}")
    for language in unread(config):
        lines.append(f"note: texts in {language} are not read for promises; ask somebody who can")
    lines += footprint.lines(reached)
    for of in held:
        by = f"acts by {len(of.acts)} of its {of.rules:,} rules"
        chosen = ", which people choose themselves" if of.chosen else ""
        lines.append(f"list {of.label}{chosen}: {by if of.acts else 'leaves the notice alone'}")
    if not held:
        lines.append(f"note: {NO_LISTS}")
    return [*lines, _summary(config, found)]


def _summary(config: Config, found: Sequence[Finding]) -> str:
    errors = sum(one.level == "error" for one in found)
    warnings = sum(one.level == "warning" for one in found)
    if errors or warnings:
        return f"{errors} to mend, {warnings} to think about"
    own = sum(map(len, (config.texts or {}).values()))
    what = f"{own} texts of your own" if own else "no texts of your own"
    return f"all is well: preset {config.preset}, {what}"
