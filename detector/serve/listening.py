"""Opens the port of one of our servers, with an error that says how to fix what is in the way."""

from __future__ import annotations

import errno
import os
import socket


class ListenError(Exception):
    """The port cannot be opened; the message names --host or --port and the fix."""


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket; port 0 is any free one; raise ListenError."""
    if not 0 <= port <= 65535:
        raise ListenError(f"--port {port} is not a port: choose one from 1 to 65535")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=128)
    except OSError as error:
        # create_server turns an unknown name into an OSError with the resolver's number.
        if error.errno in (errno.EADDRNOTAVAIL, socket.EAI_NONAME, socket.EAI_AGAIN):
            raise ListenError(
                f"--host {host} is not an address of this machine: try --host 127.0.0.1"
            ) from error
        # create_server adds the address to its text, which the message names already.
        reason = os.strerror(error.errno) if error.errno else error
        cure = f"stop what uses it, or choose another, for instance --port {port % 65535 + 1}"
        raise ListenError(
            f"--port {port} on --host {host} cannot be opened ({reason}): {cure}"
        ) from error
