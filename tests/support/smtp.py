"""A small mail server that speaks real SMTP (RFC 5321) on a port of this machine, for tests.

It accepts mail, signs clients in (AUTH PLAIN) and encrypts (STARTTLS), and can misbehave on order.
"""

from __future__ import annotations

import asyncio
import base64
import ssl
import threading
from contextlib import suppress
from email import message_from_bytes, policy
from email.message import EmailMessage
from types import TracebackType
from typing import Any, cast


class SmtpServer:
    """A mail server with the mails that it has received; use it as a context manager.

    `behavior` is "" for a good one, "hangs" for one that accepts connections and is silent, "drips"
    for one that greets by five letters a second until it is set to another, "drops" for one that
    takes a mail and closes the connection without an answer, or a status such as "451" to answer to
    DATA with.
    """

    def __init__(
        self, behavior: str = "", context: ssl.SSLContext | None = None, user: str = ""
    ) -> None:
        self.behavior = behavior
        self.mails: list[EmailMessage] = []
        self.recipients: list[str] = []
        self.encrypted = False
        self.port = 0
        self._context = context
        self._wanted = f"\0{user}\0secret of {user}" if user else ""
        self._loop = asyncio.new_event_loop()
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> SmtpServer:
        self._thread.start()
        assert self._started.wait(10)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.port = server.sockets[0].getsockname()[1]
        self._started.set()
        self._loop.run_forever()
        server.close()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.CancelledError, asyncio.IncompleteReadError):
            await self._talk(reader, writer)
        writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.behavior == "hangs":
            await reader.read()
            return
        if self.behavior == "drips":
            writer.write(b"220 ")
            while self.behavior == "drips":
                writer.write(b"x")
                await writer.drain()
                await asyncio.sleep(0.2)
            writer.write(b"\r\n")
        else:
            writer.write(b"220 tests ESMTP\r\n")
        while line := await reader.readline():
            verb = line[:4].upper()
            if verb == b"QUIT":
                writer.write(b"221 bye\r\n")
                await writer.drain()
                return
            if line.upper().startswith(b"STARTTLS"):
                writer.write(b"220 go on\r\n")
                await writer.drain()
                assert self._context
                await writer.start_tls(self._context)
                # The reader continues on the encrypted transport.
                cast(Any, reader)._transport = writer.transport
                self.encrypted = True
                continue
            writer.write(await self._answer(verb, line, reader, writer))
            await writer.drain()

    async def _answer(
        self, verb: bytes, line: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bytes:
        if verb == b"EHLO":
            more = ["SMTPUTF8"] + ["STARTTLS"] * bool(
                self._context and not writer.get_extra_info("ssl_object")
            )
            more += ["AUTH PLAIN"] * bool(self._wanted)
            return (
                "".join(f"250-{word}\r\n" for word in ["tests", *more]).encode()
                + b"250 8BITMIME\r\n"
            )
        if verb == b"AUTH":
            given = base64.b64decode(line.split()[2]).decode()
            return b"235 welcome\r\n" if given == self._wanted else b"535 no\r\n"
        if verb == b"RCPT":
            self.recipients.append(line.decode().partition("<")[2].partition(">")[0])
        if verb == b"DATA":
            if self.behavior and self.behavior != "drops":
                return f"{self.behavior} not now\r\n".encode()
            writer.write(b"354 go on\r\n")
            body = await reader.readuntil(b"\r\n.\r\n")
            self.mails.append(message_from_bytes(body[:-5], policy=policy.default))
            if self.behavior == "drops":
                raise ConnectionError
        return b"250 fine\r\n"
