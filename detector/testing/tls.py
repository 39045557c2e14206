"""A throw-away certificate authority: one certificate for each host of the test internet."""

from __future__ import annotations

import ssl
import threading
from pathlib import Path

import trustme


class Authority:
    """Signs a certificate for every requested host, once each, and deletes all at the end."""

    def __init__(self, folder: Path) -> None:
        self._ca = trustme.CA()
        self._contexts: dict[str, ssl.SSLContext] = {}
        self._lock = threading.Lock()
        self.pem_path = folder / "ca.pem"
        self._ca.cert_pem.write_to_path(str(self.pem_path))

    def context(self, host: str) -> ssl.SSLContext:
        """Return the server-side TLS context for a host."""
        with self._lock:
            context = self._contexts.get(host)
            if context is None:
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                self._ca.issue_cert(host).configure_cert(context)
                # The proxy speaks only HTTP/1.1; without this a browser may negotiate h2.
                context.set_alpn_protocols(["http/1.1"])
                self._contexts[host] = context
            return context
