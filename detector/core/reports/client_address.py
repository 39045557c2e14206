"""Identifies a client by the address that its report came from; addresses are not kept."""

from __future__ import annotations

import sys
from functools import cached_property
from ipaddress import IPv6Address, ip_address
from typing import TYPE_CHECKING

from detector.core.html.headers import RequestHeaders

if TYPE_CHECKING:
    from detector.core.limits.proxy_warnings import ProxyWarnings

_NEAR = 100


class ClientAddresses:
    """Determines client addresses behind `proxies` proxies that add to X-Forwarded-For."""

    def __init__(self, proxies: int) -> None:
        self._proxies = proxies
        # Private addresses that identify no visitor; visitors' addresses are never kept.
        self._near: set[str] = set()
        if proxies:
            self._warnings.check_server(sys.argv)

    @cached_property
    def _warnings(self) -> ProxyWarnings:
        """The warnings, loaded where proxies are declared or seen."""
        from detector.core.limits.proxy_warnings import ProxyWarnings

        return ProxyWarnings(self._proxies)

    def client(self, remote: str, headers: RequestHeaders) -> str:
        """Return the address that identifies a client, or "" if clients cannot be distinguished.

        Without `proxies`, an address of this machine or its network belongs to an undeclared proxy,
        behind which all visitors would count as one client.
        """
        forwarded = headers.get("x-forwarded-for") or ""
        parts = forwarded.split(",")
        through = bool(forwarded) and 0 < self._proxies <= len(parts)
        if not through:
            if self._proxies or forwarded:
                self._warnings.check(remote, forwarded)
            if not remote or remote in self._near:  # no address: a Unix socket
                return ""
        text = (parts[-self._proxies] if through else remote).strip()
        if text.startswith("[") or text.count(":") == 1:
            text = text.lstrip("[").partition("]")[0] if "[" in text else text.partition(":")[0]
        try:
            address = ip_address(text)
        except ValueError:
            return ""
        if isinstance(address, IPv6Address) and address.ipv4_mapped:
            address = address.ipv4_mapped
        if not through and not address.is_global:
            if len(self._near) < _NEAR:
                self._near.add(remote)
            return ""
        # A household has 2 ** 64 IPv6 addresses, so its network identifies it.
        if address.version == 6:
            return address.packed[:8].hex(":", 2) + "::/64"
        return str(address)


def network(client: str) -> str:
    """Return the prefix of an IPv6 client's /48 network, "" for an IPv4 client."""
    return client[:14] if ":" in client else ""
