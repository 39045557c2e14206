"""The command `detector config`: every option's value, its source, and what visitors are told."""

from __future__ import annotations

import argparse
import json
import secrets
from typing import Any

from detector.cli.privacy_text import paragraph
from detector.core.config.loading import OPTIONS, Settings, gather
from detector.core.counting.masking import masked
from detector.core.printable import printable

UNSET = "not set"


def run(args: argparse.Namespace) -> int:
    """Print the options; ConfigError when one of them is bad."""
    # A Flask site makes its secret from SECRET_KEY, so a missing one is no mistake here.
    stand_in = {"secret": secrets.token_hex()}
    options = {"config": args.file} if args.file else {}
    found = gather(options, fallback=stand_in, fallback_title=UNSET)
    if args.privacy:
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
    rows = [("option", "value", "source")]
    for name in OPTIONS:
        value = shown(settings, name)
        text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
        rows.append((name, printable(text or "-"), printable(settings.sources[name])))
    widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
    return "\n".join(f"{a:<{widths[0]}}  {b:<{widths[1]}}  {c}" for a, b, c in rows)


def _length(secret: str) -> str:
    return f"set, {len(secret)} characters" if secret else ""
