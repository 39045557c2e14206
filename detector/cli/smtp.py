"""Options of the mail server, which several subcommands have."""

from __future__ import annotations

import argparse
import os
from typing import TYPE_CHECKING

from detector.cli.errors import CommandError, command_errors

if TYPE_CHECKING:
    from detector.watch.mail import Server

USER, PASSWORD = "DETECTOR_SMTP_USER", "DETECTOR_SMTP_PASSWORD"
SMTP = {
    "smtp_host": "DETECTOR_SMTP_HOST",
    "smtp_port": "DETECTOR_SMTP_PORT",
    "smtp_tls": "DETECTOR_SMTP_TLS",
}
"""The variables that stand for options that are left out."""


def add_smtp(parser: argparse.ArgumentParser) -> None:
    """Add the options of the mail server, and --sender."""
    mail = parser.add_argument_group(
        "mail",
        f"{USER} and {PASSWORD} in the environment sign in. Options that are left out may stand "
        f"there too: {', '.join(SMTP.values())}.",
    )
    mail.add_argument("--smtp-host", metavar="HOST", help="mail server (localhost)")
    mail.add_argument(
        "--smtp-port", metavar="PORT", help="its port (25; with starttls 587, with tls 465)"
    )
    mail.add_argument(
        "--smtp-tls",
        metavar="HOW",
        help="none, starttls or tls (starttls; none where the server is on this machine)",
    )
    mail.add_argument("--sender", metavar="ADDRESS", help="who the mail is from (the address)")


def server_of(args: argparse.Namespace) -> Server:
    """Return the mail server; CommandError for one that cannot be."""
    from detector.watch.mail import Server

    get = os.environ.get
    host, port, tls = (getattr(args, name) or get(SMTP[name], "") for name in SMTP)
    if not (port or "0").isascii() or not (port or "0").isdigit() or int(port or "0") > 65535:
        raise CommandError(f"--smtp-port: {port!r} is not a port: use a number from 0 to 65535")
    with command_errors(ValueError, option="--smtp-tls"):
        return Server(host or "localhost", tls, int(port or "0"), get(USER, ""), get(PASSWORD, ""))
