"""A loopback server that writes arbitrary bytes at the speed that a test sets."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

Write = Callable[[bytes], None]
Answer = Callable[["Hostile", str, Write], None]


@dataclass
class Hostile:
    """The server's port and the requested paths; setting `over` ends a drip."""

    port: int
    asked: list[str] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        """Return its address without a trailing slash."""
        return f"http://127.0.0.1:{self.port}"

    def drip(self, write: Write, begins: bytes, byte: bytes = b"x") -> None:
        """Send a byte every few hundredths of a second, until the peer closes or the test ends."""
        write(begins)
        while not self.over.wait(0.02):
            write(byte)


def page(body: bytes | str, *headers: str, kind: str = "text/html") -> bytes:
    """Return a complete response with a page."""
    body = body if isinstance(body, bytes) else body.encode()
    lines = ["HTTP/1.1 200 OK", f"Content-Type: {kind}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join([*lines, "Connection: close", "", ""]).encode("latin-1") + body


def moved(goal: str) -> bytes:
    """Return a redirect."""
    return f"HTTP/1.1 302 Found\r\nLocation: {goal}\r\nContent-Length: 0\r\n\r\n".encode()


@contextmanager
def hostile(answer: Answer) -> Iterator[Hostile]:
    """Serve while the block runs; `answer` gets the server, the path and a write function."""
    threads: list[threading.Thread] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:
        made = Hostile(listening.getsockname()[1])

        def one(taken: socket.socket) -> None:
            with taken, suppress(OSError, IndexError):
                path = taken.recv(65536).split(b" ")[1].decode("latin-1")
                made.asked.append(path)
                answer(made, path, taken.sendall)

        def serve() -> None:
            with suppress(OSError):
                while True:
                    taken, _ = listening.accept()
                    threads.append(threading.Thread(target=one, args=(taken,)))
                    threads[-1].start()

        serving = threading.Thread(target=serve)
        serving.start()
        try:
            yield made
        finally:
            made.over.set()
            listening.shutdown(socket.SHUT_RDWR)
            serving.join()
            for thread in threads:
                thread.join()
