"""`detector config`: every option's value, its source, and what visitors are told."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from detector.cli.arguments import add_json, add_options_file
from detector.cli.errors import command_errors

if TYPE_CHECKING:
    from detector.core.config.loading import Settings

HELP = "print the effective options and their sources"
UNSET = "not set"


def add(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_options_file(parser)
    add_json(parser)
    parser.add_argument(
        "--privacy", action="store_true", help="print a paragraph for your page about privacy"
    )


def run(args: argparse.Namespace) -> int:
    """Print the options, or the paragraph."""
    import json
    import secrets

    from detector.core.config.layer import OPTIONS
    from detector.core.config.loading import gather
    from detector.core.errors import ConfigError
    from detector.core.printable import printable

    # A Flask site makes its secret from SECRET_KEY, so a missing one is no mistake here.
    stand_in = {"secret": secrets.token_hex()}
    options = {"config": args.file} if args.file else {}
    with command_errors(ConfigError):
        found = gather(options, fallback=stand_in, fallback_title=UNSET)
    if args.privacy:
        from detector.cli.privacy_text import paragraph

        print(printable(paragraph(found.config)))
    elif args.json:
        rows = {
            name: {"value": shown(found, name), "source": found.sources[name]} for name in OPTIONS
        }
        print(printable(json.dumps(rows, indent=2), keep="\n"))
    else:
        print(table(found))
        print(
            "\nNot seen from here: arguments in the site's code and its framework's configuration."
        )
    return 0


def shown(settings: Settings, name: str) -> Any:
    """Return an option's value as it may be printed: of secrets only their number and length."""
    from detector.core.config.layer import OPTIONS
    from detector.core.counting.masking import masked

    value = getattr(settings.config, name)
    if settings.sources[name] == UNSET:
        return ""
    if isinstance(value, tuple):
        secret = not OPTIONS[name].repr
        if name == "pairs":
            return ["+".join(pair) for pair in value]
        return [_length(one) if secret else one for one in value]
    if not OPTIONS[name].repr:
        return _length(value)
    if name == "store":
        return masked(value)
    if callable(value):
        return f"{value.__module__}:{value.__qualname__}"
    return masked(value) if isinstance(value, str) and "@" in value else value


def table(settings: Settings) -> str:
    """Lay the options out in three columns."""
    from detector.core.config.layer import OPTIONS
    from detector.core.printable import printable

    rows = [("option", "value", "source")]
    for name in OPTIONS:
        value = shown(settings, name)
        text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
        rows.append((name, printable(text or "-"), printable(settings.sources[name])))
    widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
    return "\n".join(f"{a:<{widths[0]}}  {b:<{widths[1]}}  {c}" for a, b, c in rows)


def _length(secret: str) -> str:
    return f"set, {len(secret)} characters" if secret else ""
