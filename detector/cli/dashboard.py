"""`detector dashboard`: its arguments, what guards it, and waitress."""

from __future__ import annotations

import argparse
from typing import Any

from detector.cli.arguments import add_address, add_price
from detector.cli.design import add_design, add_time_zone, days_of, design_of
from detector.cli.errors import CommandError, command_errors

HELP = "serve a web page of a site's counts"
VARIABLE = "DETECTOR_DASHBOARD_PASSWORD"


def add(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("--db", metavar="URL", help="the file or URL of the site's option store")
    add_address(parser, 8200)
    parser.add_argument(
        "--password-file",
        metavar="FILE",
        help=f"a file that holds the password, or its hash (or the hash in {VARIABLE})",
    )
    parser.add_argument(
        "--open",
        action="store_true",
        help="ask for no password: print an address with a key, good on this machine",
    )
    add_price(parser)
    parser.add_argument(
        "--pair",
        action="append",
        default=[],
        metavar="NAME+NAME",
        help="a pair of the site's option pairs, to split what the notice does by",
    )
    add_design(parser)
    add_time_zone(parser)
    parser.add_argument(
        "--language", default="", metavar="TAG", help="the page's, such as de; else the browser's"
    )
    parser.add_argument(
        "--https", action="store_true", help="a proxy before it speaks https: mark the cookie so"
    )
    parser.add_argument(
        "--proxies",
        type=int,
        default=0,
        metavar="N",
        help="how many proxies before it add to X-Forwarded-For, to tell who guesses a password",
    )
    parser.add_argument(
        "--goal",
        action="append",
        default=[],
        metavar="GOAL",
        help="blocked<20 or allowed>5, in percent: shown in the tile and on the chart",
    )
    parser.add_argument(
        "--read-only",
        action="store_true",
        help="no form to note what happened: the page writes nothing to the store",
    )
    parser.add_argument(
        "--api-token",
        action="append",
        default=[],
        metavar="HASH",
        help="the hash of a token that may read /api/v1/, any number of times",
    )
    parser.add_argument(
        "--new-api-token", action="store_true", help="print a new token and its hash; do not serve"
    )
    parser.add_argument(
        "--hash", action="store_true", help="ask for a password, print its hash and do not serve"
    )


def run(args: argparse.Namespace) -> int:
    """Serve until SIGTERM or SIGINT, or print a hash."""
    import os

    if args.hash:
        return _print_hash()
    if args.new_api_token:
        return _print_token()
    if not args.db:
        raise CommandError("--db is missing: name the file or URL of the site's option store")
    password = guard(args.open, args.host, args.password_file, os.environ.get(VARIABLE, ""))
    from detector.core.errors import StoreError
    from detector.serve.listening import ListenError

    with command_errors(StoreError, option="--db"), command_errors(ListenError):
        _serve(args, password)
    return 0


def _serve(args: argparse.Namespace, password: str) -> None:
    import contextlib

    from detector.analytics.goals import read_all
    from detector.core.counting.store_url import open_store
    from detector.dashboard.api_tokens import checked
    from detector.dashboard.open_guard import new_key
    from detector.dashboard.wsgi import app
    from detector.serve.listening import listen

    with command_errors(ValueError, option="--api-token"):
        checked(args.api_token)
    with command_errors(ValueError, option="--goal"):
        read_all(args.goal)
    pairs = _pairs(args.pair)
    design = design_of(args.file)
    _check_proxies(args.proxies)
    with command_errors(ValueError, option="--db"):
        store = open_store(args.db, readonly=True)
    with contextlib.closing(store):
        store.sites()
    key = new_key() if args.open else ""
    _check_language(args.language)
    served = app(
        args.db,
        password=password,
        open=args.open,
        key=key,
        per_thousand=None if args.per_thousand is None else str(args.per_thousand),
        secure=args.https,
        proxies=args.proxies,
        pairs=pairs,
        **design,
        language=args.language,
        api_tokens=args.api_token,
        goals=args.goal,
        time_zone=days_of(args.time_zone, args.file).name,
        read_only=args.read_only,
    )
    _run_waitress(served, listen(args.host, args.port), f"?key={key}" if key else "")


def _pairs(given: list[str]) -> list[tuple[str, ...]]:
    from detector.core.counting.dimensions import JOIN, pair_of

    pairs = [tuple(pair.split(JOIN)) for pair in given]
    with command_errors(ValueError, option="--pair"):
        for pair in pairs:
            pair_of(pair)
    return pairs


def _check_proxies(given: int) -> None:
    from detector.core.config.validators import check_proxies

    with command_errors(ValueError):
        check_proxies("--proxies", given)


def _check_language(given: str) -> None:
    from detector.core.texts.negotiation import nearest
    from detector.dashboard.texts import LANGUAGES, supported

    if given and not supported(given):
        raise CommandError(f"--language {given}: {nearest(given, LANGUAGES, 'languages')}")


def guard(is_open: bool, host: str, file: str | None, variable: str) -> str:
    """Return the password's hash, or "" when the page is open; CommandError when neither."""
    from pathlib import Path

    from detector.dashboard.open_guard import is_here
    from detector.dashboard.password import Password, PasswordError, is_hash, make

    if is_open:
        if file or variable:
            raise CommandError(
                f"--open and a password do not go together: leave one out ({VARIABLE})"
            )
        if not is_here(host):
            raise CommandError(
                f"--open shows the figures to whoever reaches --host {host}: leave --host out, or "
                "name a password by --password-file"
            )
        return ""
    if not file and not variable:
        raise CommandError(
            f"nobody could sign in: put a password into a file for --password-file, or its hash "
            f"(detector dashboard --hash) into {VARIABLE}; --open asks for none, on this machine"
        )
    source = f"--password-file {file}" if file else VARIABLE
    try:
        text = Path(file).read_text("utf-8").strip("\r\n") if file else variable
        if not is_hash(text):
            if not file:
                raise PasswordError("this is a password: put the hash of detector dashboard --hash")
            text = make(text)
        Password(text)
    except (OSError, UnicodeError) as error:
        raise CommandError(f"{source} cannot be read: {error}") from error
    except PasswordError as error:
        raise CommandError(f"{source}: {error}") from error
    return text


def _print_token() -> int:
    from detector.dashboard.api_tokens import create

    token, hashed = create()
    print(f"token, for the program that asks (shown only now):\n  {token}")
    print(f"its hash, for --api-token or the option api_tokens:\n  {hashed}")
    return 0


def _print_hash() -> int:
    import getpass
    import sys

    from detector.dashboard.password import PasswordError, make

    typed = getpass.getpass() if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")
    with command_errors(PasswordError):
        print(make(typed))
    return 0


def _run_waitress(app: Any, bound: Any, query: str) -> None:
    import logging

    from waitress.server import create_server

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    server = create_server(
        app,
        sockets=[bound],
        threads=4,
        max_request_body_size=16 * 1024,
        # select() would fail on a file numbered 1,024 or more.
        asyncore_use_poll=True,
        # We look at what a proxy added; waitress would remove it.
        clear_untrusted_proxy_headers=False,
        ident=None,
    )
    host = server.effective_host
    shown = f"[{host}]" if ":" in host else host
    print(f"The dashboard is at http://{shown}:{server.effective_port}/{query}", flush=True)
    try:
        server.run()
    finally:
        server.close()
