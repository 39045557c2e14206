"""The mail of a week: plain text first, then HTML with the chart as an inline picture."""

from __future__ import annotations

import hashlib
from email.message import EmailMessage
from email.utils import formatdate
from typing import Any
from urllib.parse import urlsplit

from detector.core.printable import printable
from detector.dashboard.texts import current
from detector.dashboard.weekly import Digest, as_html, as_text


def message(
    found: Digest, to: str, sender: str, week: str, *, link: str = "", picture: bytes = b""
) -> EmailMessage:
    """Return the mail; ValueError for an address of the dashboard that is none.

    Its Message-ID is the same whenever this week is sent to this address.
    """
    if link:
        check_link(link)
    words = "\0".join((week, to, found.title))
    name = hashlib.sha256(words.encode("utf-8", "replace")).hexdigest()[:32]
    host = sender.rpartition("@")[2]
    mail = EmailMessage()
    # Names of sites come from the store: no line break of theirs may begin a header.
    mail["Subject"] = printable(found.subject)[:200]
    mail["From"], mail["To"] = sender, to
    mail["Date"] = formatdate()
    mail["Message-ID"] = f"<{name}@{host}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(as_text(found, link), cte="quoted-printable")
    cid = f"chart.{name}@{host}"
    html = as_html(found, link, f"cid:{cid}" if picture else "")
    mail.add_alternative(html, subtype="html", cte="quoted-printable")
    # Until here the message itself was the text, and its headers of content were the text's.
    mail["Content-Language"] = current()
    if picture:
        body = mail.get_body(("html",))
        assert isinstance(body, EmailMessage)
        # A picture that is a part of the page, not a file beside it.
        given: Any = {"cid": f"<{cid}>", "filename": "chart.png", "disposition": "inline"}
        body.add_related(picture, "image", "png", **given)
    return mail


def check_link(link: str) -> None:
    """Raise ValueError unless this is the address of a page."""
    try:
        parts = urlsplit(link)
        known = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        known = False
    if not known or printable(link) != link or any(sign in link for sign in " <>\"'"):
        raise ValueError(
            f"{printable(link)[:80]!r} is no address of a page: write https://HOST/PATH"
        )
