"""`detector mail`: the figures of the last week by mail; 0 when all were sent, now or before."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from detector.cli.arguments import add_price
from detector.cli.design import add_design, add_time_zone, days_of, design_of
from detector.cli.errors import CommandError, command_errors
from detector.cli.smtp import add_smtp, server_of

if TYPE_CHECKING:
    from datetime import date
    from email.message import EmailMessage

    from detector.core.counting.store import Store
    from detector.dashboard.weekly import Digest
    from detector.watch.mail import Mail
    from detector.weekly_mail.sent import Sent

HELP = "mail the figures of the last week, with the chart as a picture"


def add(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument(
        "--db", required=True, metavar="URL", help="the file or URL of the site's option store"
    )
    parser.add_argument("--site", metavar="NAME", help="one site of the store (all)")
    parser.add_argument(
        "--to", action="append", default=[], metavar="ADDRESS", help="who gets it, any number"
    )
    parser.add_argument(
        "--state", metavar="FILE", help="where it notes what was sent, so that it comes once a week"
    )
    parser.add_argument(
        "--again", action="store_true", help="send the week again to those who have it"
    )
    parser.add_argument(
        "--save", metavar="FILE", help="write the mail to a file (.eml) to look at; send nothing"
    )
    parser.add_argument("--link", default="", metavar="URL", help="the dashboard's address")
    parser.add_argument("--language", default="en", metavar="TAG", help="such as de (%(default)s)")
    parser.add_argument("--no-picture", action="store_true", help="leave the chart out")
    add_price(parser)
    add_design(parser)
    add_time_zone(parser)
    add_smtp(parser)


def run(args: argparse.Namespace) -> int:
    """Send the week to everyone who has not had it, or save it."""
    import time

    from detector.core.errors import StoreError
    from detector.dashboard import texts
    from detector.dashboard.weekly import week_before
    from detector.watch.mail import Mail

    if not args.to:
        raise CommandError("--to is missing: name the address that gets the figures")
    if not args.save and not args.state:
        raise CommandError("--state is missing: name a file in which to note what was sent")
    server = server_of(args)
    with command_errors(ValueError, option="--to"):
        mails = {to: Mail(to, args.sender or "", server) for to in args.to}
    _check(args)
    now, days = time.time(), days_of(args.time_zone, args.file)
    monday = week_before(now, days)
    with texts.speaking(texts.supported(args.language)), command_errors(StoreError, option="--db"):
        with _opened(args) as store:
            digest = _digest(store, args, monday, now)
        picture = b"" if args.no_picture else _picture(digest)
        if args.save:
            return _save(args, _message(args, digest, args.to[0], monday, picture))
        letters = {to: _message(args, digest, to, monday, picture) for to in mails}
    return _send_all(args, mails, letters, monday)


def _check(args: argparse.Namespace) -> None:
    from detector.core.texts.negotiation import nearest
    from detector.dashboard.texts import LANGUAGES, supported
    from detector.weekly_mail.message import check_link

    if not supported(args.language):
        raise CommandError(
            f"--language {args.language}: {nearest(args.language, LANGUAGES, 'languages')}"
        )
    if args.link:
        with command_errors(ValueError, option="--link"):
            check_link(args.link)


@contextmanager
def _opened(args: argparse.Namespace) -> Iterator[Store]:
    from detector.core.counting.store_url import open_store

    with command_errors(ValueError, option="--db"):
        store = open_store(args.db, readonly=True)
    try:
        if args.site and args.site not in (sites := store.sites()):
            raise CommandError(f"--site: the store has no {args.site!r}; it has {sites}")
        yield store
    finally:
        store.close()


def _digest(store: Store, args: argparse.Namespace, monday: date, now: float) -> Digest:
    from detector.analytics.variants import Design
    from detector.dashboard.weekly import digest

    return digest(
        store,
        monday,
        now=now,
        site=args.site,
        price=args.per_thousand,
        design=Design.of(**design_of(args.file)),
        days=days_of(args.time_zone, args.file),
    )


def _picture(digest: Digest) -> bytes:
    try:
        from detector.weekly_mail.picture import has_fonts, png
    except ModuleNotFoundError as error:
        if error.name != "resvg_py":
            raise
        raise CommandError(
            "the chart needs resvg-py: pip install 'adblock-detector[mail]', or --no-picture"
        ) from None
    if not has_fonts():
        _complain("no font was found, so the chart has no words: apt install fonts-dejavu-core")
    return png(digest.chart, digest.size)


def _message(
    args: argparse.Namespace, digest: Digest, to: str, monday: date, picture: bytes
) -> EmailMessage:
    from detector.dashboard.weekly import week_name
    from detector.weekly_mail.message import message

    sender = args.sender or to
    return message(digest, to, sender, week_name(monday), link=args.link, picture=picture)


def _save(args: argparse.Namespace, mail: EmailMessage) -> int:
    from pathlib import Path

    with command_errors(OSError, option="--save"):
        Path(args.save).write_bytes(bytes(mail))
    print(f"Saved to {args.save}; nothing was sent.")
    return 0


def _send_all(
    args: argparse.Namespace,
    mails: dict[str, Mail],
    letters: dict[str, EmailMessage],
    monday: date,
) -> int:
    from pathlib import Path

    from detector.dashboard.weekly import week_name
    from detector.watch.told import StateError, held
    from detector.weekly_mail.sent import Sent

    path, week = Path(args.state), week_name(monday)
    with command_errors(StateError, option="--state"), held(path):
        sent = Sent(path)
        done = [_send(args, sent, mails[to], letter, to, week) for to, letter in letters.items()]
    return 0 if all(done) else 2


def _send(
    args: argparse.Namespace, sent: Sent, mail: Mail, letter: EmailMessage, to: str, week: str
) -> bool:
    from detector.watch.delivery import DeliveryError
    from detector.watch.told import StateError
    from detector.weekly_mail.sent import SENDING, SENT

    site = args.site or ""
    try:
        known = "" if args.again else sent.state(to, site, week)
    except StateError as error:
        _complain(f"--state: {error}")
        return False
    if known == SENT:
        print(f"{week} was sent to {to} before.")
        return True
    if known == SENDING:
        _complain(f"{to}: it is not known whether {week} arrived: --again sends it again")
        return False
    # Noted before, so that a full disk or a killed run does not send a week twice.
    sent.note(to, site, week, SENDING)
    try:
        mail.send(letter)
    except DeliveryError as error:
        if mail.may_have_arrived:
            _complain(f"{to}: {error}; it is not known whether it arrived: --again sends it again")
        else:
            sent.note(to, site, week, "")
            _complain(f"{to}: not sent, to be tried again by the next run: {error}")
        return False
    sent.note(to, site, week, SENT)
    print(f"{week} sent to {to}.")
    return True


def _complain(problem: str) -> None:
    import sys

    from detector.core.printable import printable

    print(f"detector mail: {printable(problem)}", file=sys.stderr)
