"""Changes of this machine's network while a test runs.

Chromium then fails every request that is under way with ERR_NETWORK_CHANGED, also those to its own
machine: a test in a browser says nothing at such a moment.
"""

from __future__ import annotations

import contextlib
import socket
import struct

LINKS, IPV4_ADDRESSES, IPV6_ADDRESSES = 0x1, 0x10, 0x100
"""Groups of messages of the kernel, from rtnetlink(7)."""
HEADER = struct.Struct("=IHHII")
KINDS = {16: "link", 17: "link removed", 20: "address", 21: "address removed"}


class NetworkChanges:
    """Hears the kernel's messages about links and addresses; none elsewhere than on Linux."""

    def __init__(self, kernel: socket.socket | None = None) -> None:
        self._kernel = kernel
        if kernel is None and hasattr(socket, "AF_NETLINK"):
            # A container may forbid it: then nothing is heard.
            with contextlib.suppress(OSError):
                self._kernel = _listen()

    def since_last(self) -> list[str]:
        """Return the kinds of the changes since the last call, in order."""
        found: list[str] = []
        while self._kernel:
            try:
                data = self._kernel.recv(65536)
            except BlockingIOError:
                break
            except OSError:
                found.append("more than could be read")
                break
            while len(data) >= HEADER.size:
                size, kind, *_ = HEADER.unpack_from(data)
                found.append(KINDS.get(kind, str(kind)))
                data = data[max(size + 3 & ~3, HEADER.size) :]
        return found

    def close(self) -> None:
        """Stop listening."""
        if self._kernel:
            self._kernel.close()


def _listen() -> socket.socket:
    kernel = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
    try:
        kernel.bind((0, LINKS | IPV4_ADDRESSES | IPV6_ADDRESSES))
    except OSError:
        kernel.close()
        raise
    kernel.setblocking(False)
    return kernel
