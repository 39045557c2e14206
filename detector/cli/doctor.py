"""The command `detector doctor URL`: 0 when all is well, 1 when an error was found.

What could not be done, such as an address at which nothing answers, is raised as one of ERRORS.
"""

from __future__ import annotations

import argparse
import json

from detector import __version__
from detector.core.printable import printable
from detector.doctor.examine import addresses_of, examine
from detector.doctor.findings import worst
from detector.doctor.reach import Reach
from detector.doctor.table import table
from detector.doctor.web import USER_AGENT, AddressError, Web
from detector.filter_lists.fetch import ListError, read_all
from detector.filter_lists.matcher import Matcher

ERRORS = (AddressError, ListError)


def run(args: argparse.Namespace) -> int:
    """Look at a site and print what was found; raises one of ERRORS."""
    matcher = Matcher(read_all(args.lists)) if args.lists else None
    addresses = addresses_of(args.url, args.paths)
    reach = Reach(addresses, args.follow)
    agent = args.user_agent or USER_AGENT
    web = Web(agent, args.timeout, args.insecure, reach=reach, max_time=args.max_time)
    found = examine(web, addresses, matcher)
    if args.json:
        told = {
            "ok": worst(found) != "error",
            "worst": worst(found),
            "url": args.url,
            "version": __version__,
            "findings": [one.as_dict() for one in found],
        }
        print(printable(json.dumps(told, indent=2), keep="\n"))
    else:
        print(table(found))
    return 1 if worst(found) == "error" else 0
