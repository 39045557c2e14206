"""What `detector serve` does with its arguments."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from detector.core.errors import ConfigError
from detector.core.printable import printable
from detector.serve import tag
from detector.serve.sites import read


def run(args: argparse.Namespace) -> int:
    """Serve, or print a tag; ConfigError and ListenError say what is wrong."""
    file = Path(args.config)
    if args.print_tag is None:
        if args.group:
            raise ConfigError("--group belongs to --print-tag: name the site there")
        from detector.serve import server

        server.run(file, args.host, args.port)
        return 0
    sites = read(file)
    if args.print_tag not in sites:
        raise ConfigError(
            f"--print-tag {args.print_tag}: {file} has no such site; it has {', '.join(sites)}"
        )
    line, advice = tag.lines(sites[args.print_tag], args.group, args.host, args.port)
    print(line, flush=True)
    print(printable(advice, keep="\n"), file=sys.stderr)
    return 0
