"""The parts of an HTTP request that the detector reads, independent of the framework."""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType
from typing import NamedTuple

from detector.core.html.headers import RequestHeaders

ReadBody = Callable[[int], bytes]


def _no_body(size: int) -> bytes:
    return b""


class Request(NamedTuple):
    """`path` is below the site's mount, `query` has no question mark.

    `headers` have lower-case names, `remote` is the address that the request came from, `read(n)`
    returns at most n bytes of the body.
    """

    method: str
    path: str = "/"
    query: str = ""
    headers: RequestHeaders = MappingProxyType[str, str]({})
    remote: str = ""
    read: ReadBody = _no_body
