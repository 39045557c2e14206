"""Connects browsers to the test internet without a proxy, by names from a resolver.

It listens for TLS, reads the requested host from the first message (RFC 8446, 4.2 and RFC 6066,
3) and connects through the test internet's proxy.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from urllib.parse import urlsplit

from detector.testing.internet import Internet


class Gateway:
    """Serves connections of one listening socket, in threads, until it is closed."""

    def __init__(self, net: Internet, listener: socket.socket) -> None:
        proxy = urlsplit(net.proxy_url)
        self._proxy = (str(proxy.hostname), int(proxy.port or 0))
        self._listener = listener
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Stop listening; open connections end with their browsers."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            connection.settimeout(60)
            first = connection.recv(65536)
            while len(first) >= 5 and len(first) < 5 + int.from_bytes(first[3:5]):
                first += connection.recv(65536)
            if not (host := server_name(first)):
                return
            with socket.create_connection(self._proxy, 10) as onward:
                onward.sendall(f"CONNECT {host}:443 HTTP/1.1\r\nHost: {host}:443\r\n\r\n".encode())
                answer = b""
                while b"\r\n\r\n" not in answer:
                    if not (more := onward.recv(4096)):
                        return
                    answer += more
                if b" 200 " not in answer.split(b"\r\n")[0]:
                    return
                onward.settimeout(60)
                onward.sendall(first)
                back = threading.Thread(target=_pass, args=(onward, connection), daemon=True)
                back.start()
                _pass(connection, onward)
                back.join()


def _pass(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)


def server_name(hello: bytes) -> str:
    """Return the host that a TLS client requests, or nothing."""
    try:
        at = 5 + 4 + 2 + 32
        at += 1 + hello[at]
        at += 2 + int.from_bytes(hello[at : at + 2])
        at += 1 + hello[at]
        end = at + 2 + int.from_bytes(hello[at : at + 2])
        at += 2
        while at < end:
            kind, size = int.from_bytes(hello[at : at + 2]), int.from_bytes(hello[at + 2 : at + 4])
            if kind == 0:
                return hello[at + 9 : at + 4 + size].decode("ascii")
            at += 4 + size
    except (IndexError, UnicodeDecodeError):
        pass
    return ""
