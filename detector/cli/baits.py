"""The commands `detector baits check` and `detector baits pick`."""

from __future__ import annotations

import argparse
import json
import os
import sys
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from detector.core.baits import pool
from detector.core.config.loading import make_config
from detector.core.errors import ConfigError
from detector.core.printable import printable
from detector.filter_lists.check import check as run_check
from detector.filter_lists.fetch import ListError, read_all
from detector.filter_lists.matcher import Matcher
from detector.filter_lists.pick import dump
from detector.filter_lists.pick import pick as run_pick
from detector.filter_lists.table import table

_SECRETS = [f"a secret of a sample site {number:06}" for number in range(200)]
# What is wrong with a command's input; the text says how to mend it.
ERRORS = (ListError, pool.PoolError, ConfigError)


def check(args: argparse.Namespace) -> int:
    """Check a pool against lists: 0, or 1 when a site needs other baits; raises one of ERRORS."""
    own = [make_config(secret=args.secret).secret] if args.secret else []
    baits = pool.load(args.baits_file)
    matcher, brave = _matcher(args)
    result = run_check(matcher, baits, own + _SECRETS, brave)
    text = json.dumps(result.as_dict(), indent=2) if args.json else table(result)
    print(printable(text, keep="\n"))
    sys.stdout.flush()
    for problem in result.problems:
        print(f"detector baits check: {printable(problem)}", file=sys.stderr)
    return 1 if result.problems else 0


def pick(args: argparse.Namespace) -> int:
    """Make a pool and write it: 0, or 1 when the lists give too few; raises one of ERRORS."""
    matcher, brave = _matcher(args)
    before = Matcher(read_all(args.older)) if args.older else None
    made = run_pick(matcher, brave, before, datetime.now(UTC).date().isoformat())
    lacks = pool.shortage(made.requests, made.elements)
    problems = lacks or run_check(matcher, made, _SECRETS, brave).problems
    if problems:
        print(
            f"detector baits pick: these lists give no pool ({'; '.join(problems)}); "
            "name more lists that block ads, EasyList among them",
            file=sys.stderr,
        )
        return 1
    if args.out:
        _write(Path(args.out), dump(made))
        count = f"{len(made.requests)} requests and {len(made.elements)} elements"
        print(f"{args.out}: {count}; set the option baits_file (DETECTOR_BAITS_FILE) to it")
    else:
        print(dump(made), end="")
    return 0


def _matcher(args: argparse.Namespace) -> tuple[Matcher, str]:
    """Read the lists, and find Brave's among them: its label, or nothing."""
    sources = read_all([*args.lists, *([args.brave] if args.brave else [])])
    label = next((source.label for source in sources if source.name == args.brave), "")
    return Matcher(sources), label


def _write(path: Path, text: str) -> None:
    """Put a file in place as a whole, so that a site that starts never reads half of it."""
    part = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        part.write_text(text, "utf-8")
        part.replace(path)
    except OSError as error:
        with suppress(OSError):
            part.unlink()
        raise ListError(f"--out: {path} cannot be written ({error.strerror})") from None
