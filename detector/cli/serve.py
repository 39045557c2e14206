"""`detector serve`: the detector beside sites of any language."""

from __future__ import annotations

import argparse

from detector.cli.arguments import add_address
from detector.cli.errors import CommandError, command_errors

HELP = "serve the detector beside sites of any language"


def add(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("--config", required=True, metavar="FILE", help="TOML file of the sites")
    add_address(parser, 8100)
    parser.add_argument(
        "--print-tag", metavar="NAME", help="print the tag of one site to paste, and do not serve"
    )
    parser.add_argument(
        "--group", default="", metavar="WORD", help="with --print-tag: the kind of pages it is for"
    )
    parser.add_argument(
        "--for",
        dest="system",
        choices=["wordpress", "nginx", "apache", "caddy", "haproxy"],
        help="with --print-tag: print instead what to enter in the plugin for WordPress, or the "
        "lines for this web server, which add the tag (nginx, apache) and pass the folder on",
    )


def run(args: argparse.Namespace) -> int:
    """Serve, or print a tag."""
    from pathlib import Path

    from detector.core.errors import ConfigError
    from detector.serve.listening import ListenError

    file = Path(args.config)
    with command_errors(ConfigError, ListenError):
        if args.print_tag is not None:
            return _print_tag(args)
        if args.group:
            raise CommandError("--group belongs to --print-tag: name the site there")
        if args.system:
            raise CommandError("--for belongs to --print-tag: name the site there")
        from detector.serve import server

        server.run(file, args.host, args.port)
        return 0


def _print_tag(args: argparse.Namespace) -> int:
    import sys
    from pathlib import Path

    from detector.core.printable import printable
    from detector.serve import blocks, tag, wordpress
    from detector.serve.sites import read

    sites = read(Path(args.config))
    if args.print_tag not in sites:
        raise CommandError(
            f"--print-tag {args.print_tag}: {args.config} has no such site; "
            f"it has {', '.join(sites)}"
        )
    site = sites[args.print_tag]
    if args.system in blocks.SERVERS:
        line, advice = blocks.lines(site, args.system, args.group, args.host, args.port)
    elif args.system:
        groups = [args.group] if args.group else []
        line, advice = wordpress.lines(site, groups, tag.address(args.host, args.port))
    else:
        line, advice = tag.lines(site, args.group, args.host, args.port)
    print(line, flush=True)
    print(printable(advice, keep="\n"), file=sys.stderr)
    return 0
