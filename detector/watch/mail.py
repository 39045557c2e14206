"""Delivers alarms by mail, through an SMTP server of the owner's."""

from __future__ import annotations

import hashlib
import re
import smtplib
import socket
import ssl
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate
from functools import partial

from detector.core.printable import printable
from detector.watch.alarm import Alarm, title
from detector.watch.delivery import SECONDS, DeliveryError, within

PORTS = {"none": 25, "starttls": 587, "tls": 465}
"""How the connection is encrypted, with the usual port of each."""
LOOPBACK = ("localhost", "127.0.0.1", "::1")
_ADDRESS = re.compile(r"[!-?A-~]{1,64}@[A-Za-z0-9.\[\]:-]{1,255}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Server:
    """An SMTP server; ValueError where a password would be sent in the clear."""

    host: str = "localhost"
    tls: str = ""
    """none, starttls or tls; empty is none on this machine, else starttls."""
    port: int = 0
    """0 is the usual one of `tls`."""
    user: str = ""
    password: str = ""

    def __post_init__(self) -> None:
        """Check the word, and that no password leaves this machine in the clear."""
        if self.encryption not in PORTS:
            raise ValueError(f"{self.tls!r} is none of: {', '.join(PORTS)}")
        if self.user and self.encryption == "none" and self.host not in LOOPBACK:
            raise ValueError("a password would be sent unencrypted: use starttls or tls")

    @property
    def encryption(self) -> str:
        """Return how the connection is encrypted."""
        return self.tls or ("none" if self.host in LOOPBACK else "starttls")

    @property
    def shown(self) -> str:
        """Return the server as it may be printed."""
        return f"{self.host}:{self.port or PORTS[self.encryption]}"


class _Attempt:
    """One mail on its way: it is handed to the server, or given up, whichever comes first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._given_up = self._handed = False

    def hand_over(self) -> None:
        """Begin to send; OSError where the attempt was given up, so that it is not sent later."""
        with self._lock:
            if self._given_up:
                raise TimeoutError
            self._handed = True

    def end(self) -> bool:
        """Abandon what has not begun; return whether it had begun."""
        with self._lock:
            self._given_up = True
            return self._handed


class Mail:
    """Mails to one address; ValueError for one that is none."""

    def __init__(
        self,
        to: str,
        sender: str = "",
        server: Server | None = None,
        seconds: float | None = None,
        context: Callable[[], ssl.SSLContext] = ssl.create_default_context,
    ) -> None:
        self._to, self._from = to, sender or to
        for address in (self._to, self._from):
            if not _ADDRESS.fullmatch(address) or any(sign in address for sign in ',;<>"()'):
                raise ValueError(f"{printable(address)!r} is no mail address: write NAME@HOST")
        self._server = server or Server()
        self._seconds = seconds or SECONDS
        self._context = context
        self.may_have_arrived = False
        """Whether the server was given the last mail that failed, and did not refuse it."""

    def deliver(self, alarms: Sequence[Alarm]) -> None:
        """Send all alarms in one mail."""
        self.send(self._mail(alarms))

    def send(self, mail: EmailMessage) -> None:
        """Send one mail; DeliveryError says why it failed."""
        attempt, refused = _Attempt(), False
        shown = f"the mail server {self._server.shown}"
        try:
            within(self._seconds, lambda: self._send(mail, attempt), shown)
        except smtplib.SMTPAuthenticationError as error:
            raise DeliveryError(
                f"{shown} refuses the user or password ({error.smtp_code}): see "
                "DETECTOR_SMTP_USER and DETECTOR_SMTP_PASSWORD"
            ) from None
        except smtplib.SMTPNotSupportedError:
            raise DeliveryError(f"{shown} offers no encryption or log-in: see --smtp-tls") from None
        except smtplib.SMTPRecipientsRefused as error:
            refused = True
            code = next(iter(error.recipients.values()))[0]
            raise DeliveryError(f"{shown} refuses the address {self._to} ({code})") from None
        except smtplib.SMTPResponseException as error:
            refused = True
            raise DeliveryError(f"{shown} refuses the mail ({error.smtp_code})") from None
        except (OSError, smtplib.SMTPException, ValueError) as error:
            why = getattr(error, "strerror", None) or type(error).__name__
            raise DeliveryError(f"{shown} cannot be used: {why}") from None
        finally:
            self.may_have_arrived = attempt.end() and not refused

    def _mail(self, alarms: Sequence[Alarm]) -> EmailMessage:
        mail = EmailMessage()
        # Names of sites come from the store: no line break of theirs may begin a header.
        mail["Subject"] = printable(f"detector watch: {title(alarms)}")[:200]
        mail["From"], mail["To"] = self._from, self._to
        mail["Date"] = formatdate()
        names = "\n".join(one.name + one.text for one in alarms)
        digest = hashlib.sha256(names.encode("utf-8", "replace")).hexdigest()[:32]
        # The same for a mail that is sent again because its answer was lost.
        mail["Message-ID"] = f"<{digest}@{self._from.rpartition('@')[2]}>"
        mail["Auto-Submitted"] = "auto-generated"
        text = "\n\n".join(printable(one.line()) for one in alarms)
        mail.set_content(text + "\n", cte="quoted-printable")
        return mail

    def _send(self, mail: EmailMessage, attempt: _Attempt) -> None:
        server = self._server
        port = server.port or PORTS[server.encryption]
        kind: Callable[..., smtplib.SMTP] = smtplib.SMTP
        if server.encryption == "tls":
            kind = partial(smtplib.SMTP_SSL, context=self._context())
        name = socket.gethostname() if socket.gethostname().isascii() else "localhost"
        smtp = kind(server.host, port, local_hostname=name, timeout=self._seconds)
        try:
            if server.encryption == "starttls":
                smtp.starttls(context=self._context())
            if server.user:
                smtp.login(server.user, server.password)
            attempt.hand_over()
            smtp.send_message(mail)
            # The server has taken the mail, whatever it answers from here on.
            with suppress(OSError, smtplib.SMTPException):
                smtp.quit()
        finally:
            smtp.close()
