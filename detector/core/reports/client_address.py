"""Tells one client from others by the address that a report came from; nothing of it is kept."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address

from detector.core.html.headers import RequestHeaders
from detector.core.limits.proxy_warnings import ProxyWarnings

_NEAR = 100


class ClientAddresses:
    """Reads addresses; `proxies` of them write the visitor's into X-Forwarded-For."""

    def __init__(self, proxies: int) -> None:
        self._proxies = proxies
        self._warnings = ProxyWarnings(proxies)
        # Addresses that stand for nobody; of visitors none is kept.
        self._near: set[str] = set()

    def client(self, remote: str, headers: RequestHeaders) -> str:
        """Return the address that stands for a client, or "" where nothing tells one from others.

        Without proxies an address of this machine or its network is one that nobody told us of,
        behind which all visitors would be one.
        """
        forwarded = headers.get("x-forwarded-for") or ""
        parts = forwarded.split(",")
        through = bool(forwarded) and 0 < self._proxies <= len(parts)
        if not through:
            self._warnings.check(remote, forwarded)
            if remote in self._near:
                return ""
        text = (parts[-self._proxies] if through else remote).strip()
        if text.startswith("[") or text.count(":") == 1:
            text = text.lstrip("[").partition("]")[0] if "[" in text else text.partition(":")[0]
        try:
            address = ip_address(text.partition("%")[0])
        except ValueError:
            return ""
        if isinstance(address, IPv6Address) and address.ipv4_mapped:
            address = address.ipv4_mapped
        if not through and not address.is_global:
            if len(self._near) < _NEAR:
                self._near.add(remote)
            return ""
        # A household has 2 ** 64 addresses of the newer kind: its network is written in full.
        if address.version == 6:
            return address.packed[:8].hex(":", 2) + "::/64"
        return str(address)


def network(client: str) -> str:
    """Return the start of the /48 network that a client of IPv6 is part of, "" for one of IPv4."""
    return client[:14] if ":" in client else ""
