"""A server that accepts connections and never answers."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def silent() -> Iterator[tuple[int, Callable[[], int]]]:
    """Listen on a loopback port; yields it, and what returns the number of connections so far."""
    accepted: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def accept() -> None:
            while True:
                try:
                    accepted.append(listener.accept()[0])
                except OSError:
                    return

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        try:
            yield int(listener.getsockname()[1]), lambda: len(accepted)
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(10)
            for one in accepted:
                one.close()
