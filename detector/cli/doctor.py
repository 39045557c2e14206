"""`detector doctor URL`: 0 when all is well, 1 when an error was found."""

from __future__ import annotations

import argparse
import os
from typing import TYPE_CHECKING, Any

from detector.cli.arguments import add_json
from detector.cli.errors import command_errors

if TYPE_CHECKING:
    from detector.doctor.findings import Finding

HELP = "look at a deployed site by its public address"


def add(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("url", metavar="URL", help="a page's public address")
    parser.add_argument(
        "--paths", nargs="+", default=[], metavar="PATH", help="further pages of the site"
    )
    parser.add_argument(
        "--untagged",
        nargs="+",
        default=[],
        metavar="PATH",
        help="pages that are meant to have no tag, such as /login",
    )
    parser.add_argument(
        "--lists",
        nargs="+",
        default=[],
        metavar="LIST",
        help="filter lists, files or addresses, to match the served names against (extra [baits])",
    )
    parser.add_argument(
        "--db", metavar="URL", help="the site's option store: name the baits that fell silent"
    )
    parser.add_argument(
        "--baits-file",
        default=os.environ.get("DETECTOR_BAITS_FILE", ""),
        metavar="FILE",
        help="the site's pool, whose age is checked (DETECTOR_BAITS_FILE, else the one shipped)",
    )
    _add_requests(parser)
    add_json(parser)


def _add_requests(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--timeout",
        type=_seconds,
        default=10.0,
        metavar="SECONDS",
        help="seconds for each request (%(default)g)",
    )
    parser.add_argument(
        "--max-time",
        type=_seconds,
        default=60.0,
        metavar="SECONDS",
        help="seconds for all requests together (%(default)g)",
    )
    parser.add_argument(
        "--follow",
        nargs="+",
        action="extend",
        type=_host,
        default=[],
        metavar="HOST",
        help="further hosts, or HOST:PORT, that may be requested; others are only reported",
    )
    parser.add_argument(
        "--insecure", action="store_true", help="accept any certificate, for sites under test"
    )
    parser.add_argument(
        "--user-agent",
        type=_agent,
        metavar="TEXT",
        help="sent with each request; a robot's gets no baits (default: a browser's)",
    )


def run(args: argparse.Namespace) -> int:
    """Examine a site and print the findings."""
    from urllib.parse import urljoin

    from detector.core.baits.pool import PoolError
    from detector.core.printable import printable
    from detector.doctor.examine import addresses_of, examine
    from detector.doctor.findings import worst
    from detector.doctor.reach import Reach
    from detector.doctor.table import table
    from detector.doctor.web import USER_AGENT, AddressError, Web
    from detector.filter_lists.fetch import ListError, read_all
    from detector.filter_lists.matcher import Matcher

    with command_errors(AddressError, ListError, PoolError):
        matcher = Matcher(read_all(args.lists)) if args.lists else None
        addresses = addresses_of(args.url, args.paths)
        bare = [addresses_of(urljoin(args.url, path))[0] for path in args.untagged]
        reach = Reach([*addresses, *bare], args.follow)
        agent = args.user_agent or USER_AGENT
        web = Web(agent, args.timeout, args.insecure, reach=reach, max_time=args.max_time)
        found = examine(web, addresses, matcher, args.baits_file, bare=bare)
    if args.db:
        found += _counts(args.db)
    level = worst(found)
    if args.json:
        findings = [one.as_dict() for one in found]
        print(printable(_as_json(args.url, level, findings), keep="\n"))
    else:
        print(table(found))
    return 1 if level == "error" else 0


def _counts(url: str) -> list[Finding]:
    """Examine the counts of a store."""
    import time

    from detector.analytics.baits import bait_health
    from detector.core.counting.store_url import open_store
    from detector.core.errors import StoreError
    from detector.doctor.checks.silent_baits import silent

    with command_errors(StoreError, ValueError, option="--db"):
        store = open_store(url, readonly=True)
        try:
            return list(silent(bait_health(store, time.time())))
        finally:
            store.close()


def _as_json(url: str, level: str, findings: list[dict[str, Any]]) -> str:
    import json

    from detector import __version__

    told = {
        "ok": level != "error",
        "worst": level,
        "url": url,
        "version": __version__,
        "findings": findings,
    }
    return json.dumps(told, indent=2)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= 600:
        raise argparse.ArgumentTypeError(f"{text!r} is not a time: use seconds, 0.1 to 600")
    return seconds


def _host(text: str) -> str:
    from detector.doctor.reach import host_and_port

    try:
        host_and_port(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a host: use HOST or HOST:PORT, without https://"
        ) from None
    return text


def _agent(text: str) -> str:
    if not text.isascii() or not text.isprintable() or not text.strip():
        raise argparse.ArgumentTypeError("a user agent is one line of printable ASCII characters")
    return text
