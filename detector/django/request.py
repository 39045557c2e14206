"""What the detector reads from Django's request: mount, route, marks, body."""

from __future__ import annotations

import re
from collections.abc import MutableMapping
from functools import lru_cache
from typing import Any

from django.http import HttpRequest

from detector.core.request_body import read_short
from detector.core.response import mounted
from detector.core.vocabulary import AD_FREE

_SPELLINGS = (
    (re.compile(r"<[^<>:]+:"), "<"),
    (re.compile(r"\(\?P(<\w+>)[^()]*\)"), r"\1"),
    (re.compile(r"[\^$\\]"), ""),
)


def marks_of(request: HttpRequest) -> MutableMapping[str, Any]:
    """Return the marks that a request carries through all detectors around its site.

    The adapters for ASGI and WSGI keep theirs in the same places.
    """
    scope = getattr(request, "scope", None)
    marks: MutableMapping[str, Any]
    marks = request.META if scope is None else scope.setdefault("detector.marks", {})
    return marks


def mount_of(request: HttpRequest) -> str:
    """Return the path that the site is mounted under, URL-quoted; "" for a whole host."""
    return mounted(request.META.get("SCRIPT_NAME") or "")


def group_of(request: HttpRequest) -> str:
    """Return the route of the current page, as its group."""
    match = request.resolver_match
    return "" if match is None or match.route is None else _group(match.route)


@lru_cache(maxsize=1024)
def _group(route: str) -> str:
    """Return a route in Flask's form, `/article/<slug>`, from a path or a regular expression."""
    for pattern, name in _SPELLINGS:
        route = pattern.sub(name, route)
    return "/" + route.lstrip("/")


def wanted_by(request: HttpRequest) -> str:
    """Return the mode that a view asks for in `ad_notice`, or `AD_FREE` where it set `ad_free`."""
    return AD_FREE if getattr(request, "ad_free", False) else str(getattr(request, "ad_notice", ""))


def read_body(request: HttpRequest, size: int) -> bytes:
    """Return a body of less than `size` bytes; ValueError for a longer one."""
    meta = request.META
    if "wsgi.input" not in meta:  # under ASGI Django has read it already
        data: bytes = request.read(size)
        return data
    # Django treats a body without a length as empty; a server may declare that its input ends.
    return read_short(meta, size, request.read if meta.get("CONTENT_LENGTH") else None)
