"""Warns once if the option `proxies` does not match the proxies in front of the app."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from ipaddress import ip_address
from pathlib import PurePath

_log = logging.getLogger("detector")
_WAITRESS = (
    "plain waitress-serve removes X-Forwarded-For: start it with --trusted-proxy=127.0.0.1 (your "
    "proxy's address) --trusted-proxy-headers=x-forwarded-for, or with "
    "--no-clear-untrusted-proxy-headers"
)
_UNDECLARED = (
    "detector: requests come through a proxy, but the option proxies is 0: with proxies = 1 limits "
    "apply to each visitor and not to the proxy"
)
_MISSING = (
    "detector: the option proxies is %d, but a request had fewer addresses in X-Forwarded-For, so "
    "limits do not apply to each visitor. Configure the proxy to send the header "
    "(nginx: proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;). Note that " + _WAITRESS
)


class ProxyWarnings:
    """The warnings of one site; each process logs one of them, once."""

    def __init__(self, proxies: int) -> None:
        self._proxies = proxies
        self._warned = False

    def check_server(self, argv: Sequence[str]) -> None:
        """Check the command that started this process, on a site that declares proxies."""
        if _is_plain_waitress(argv):
            self._warned = True
            _log.warning("detector: the option proxies is %d, but %s", self._proxies, _WAITRESS)

    def check(self, remote: str, forwarded: str) -> None:
        """Check a request whose client is `remote`, not an address from X-Forwarded-For.

        Without `proxies`, only a request that has this header.
        """
        if self._warned:
            return
        if self._proxies:
            if not _is_global(remote):
                self._warned = True
                _log.warning(_MISSING, self._proxies)
        # A server may have replaced its client by the forwarded address already.
        elif not (remote and remote in forwarded):
            self._warned = True
            _log.warning(_UNDECLARED)


def _is_plain_waitress(argv: Sequence[str]) -> bool:
    """Whether this process is a waitress-serve that removes X-Forwarded-For."""
    program = PurePath(argv[0]) if argv else PurePath()
    if "waitress" not in (program.parent.name, program.stem.removesuffix("-serve")):
        return False
    kept = ("--trusted-proxy=", "--trusted-proxy-headers", "--no-clear-untrusted-proxy-headers")
    return not any(argument.startswith(kept) or argument == kept[0][:-1] for argument in argv[1:])


def _is_global(address: str) -> bool:
    try:
        return ip_address(address).is_global
    except ValueError:
        return False
