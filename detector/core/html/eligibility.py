"""Decides from status and headers alone whether a response may carry the tag.

For responses that a shared cache may store, request headers are ignored: otherwise the first
visitor's request would decide what everyone gets.
"""

from __future__ import annotations

import re
from functools import lru_cache

from detector.core.html.headers import ByName, RequestHeaders, is_targeted, words

# Encodings in which an ASCII byte is never part of a longer character, so that a search for "<"
# cannot hit the middle of one. Shift_JIS, GBK, ISO-2022 and UTF-16 are not among them.
ASCII_COMPATIBLE = frozenset(
    {"utf-8", "utf8", "us-ascii", "ascii", "latin-1", "latin1", "windows-1252", "windows-1251"}
    | {f"iso-8859-{n}" for n in range(1, 17)}
    | {f"windows-{n}" for n in range(1250, 1259)}
    | {"koi8-r", "koi8-u", "euc-jp", "euc-kr"}
)
_DIGESTS = frozenset({"content-md5", "digest", "repr-digest", "content-digest"})
# Headers that need a closer check; most pages have none.
_TELLING = _DIGESTS | {"content-encoding", "content-disposition", "content-range", "trailer"}
_UNSHARED = ("private", "no-store")
_NOT_STORED = ("no-store", "0")  # X-Accel-Expires names seconds
_QUOTED = re.compile(r'"[^"]*"?')
_FRAGMENT_MARKS = ("hx-request", "turbo-frame", "x-pjax", "x-up-target")


def may_carry(
    method: str,
    status: int,
    headers: ByName,
    *,
    error_pages: bool = False,
) -> bool:
    """Whether this response may carry the tag; all header names are in lower case."""
    if method not in ("GET", "HEAD"):
        return False
    if not _status_ok(status, error_pages):
        return False
    types = headers.get("content-type", ())
    if len(types) != 1 or not _is_html(types[0]):
        return False
    if not _TELLING.isdisjoint(headers) and not _is_plain(headers):
        return False
    if "cache-control" in headers and "no-transform" in _cache_control(headers):
        return False
    lengths = headers.get("content-length")
    return not lengths or (len(lengths) == 1 and lengths[0].strip().isdigit())


def may_differ(headers: ByName) -> bool:
    """Whether a response may differ by request: no shared cache is allowed to store it.

    Targeted cache headers override Cache-Control, so they must forbid storing too. `Vary` does not
    suffice: large CDNs ignore it.
    """
    if "cache-control" not in headers or _cache_control(headers).isdisjoint(_UNSHARED):
        return False
    targeted = (words(",".join(headers[name])) for name in headers if is_targeted(name))
    return not any(found.isdisjoint(_NOT_STORED) for found in targeted)


def wants_fragment(request: RequestHeaders) -> bool:
    """Whether a script requests a part of a page; used only where responses may differ by request.

    A fragment has no doctype, so the walk leaves it alone anyway. This only catches requests that
    are certainly for fragments: htmx requests whole documents for boosted links, and apps with an
    embedded browser send their own name in X-Requested-With for every page.
    """
    if request.get("sec-fetch-dest") == "document" or request.get("hx-boosted") == "true":
        return False
    if (request.get("x-requested-with") or "").lower() == "xmlhttprequest":
        return True
    return any(request.get(name) for name in _FRAGMENT_MARKS)


def is_prefetch(request: RequestHeaders) -> bool:
    """Whether a browser requests a page, or prerenders it, before anybody wants to see it."""
    return "prefetch" in (request.get("sec-purpose") or request.get("purpose") or "")


def is_navigation(request: RequestHeaders) -> bool:
    """Whether a page is requested for a tab of its own, or by a browser that does not tell.

    Not so for frames, favicons and what scripts fetch.
    """
    return request.get("sec-fetch-dest") in (None, "document")


def _cache_control(headers: ByName) -> set[str]:
    """Return the directives without arguments: `private="X"` allows caches to store all but X."""
    value = _QUOTED.sub('""', ",".join(headers["cache-control"]))
    return {part.strip().lower() for part in value.split(",")}


def _is_plain(headers: ByName) -> bool:
    """Whether the body is the whole page, neither compressed nor covered by a digest."""
    if headers.get("content-encoding", [""])[0] not in ("", "identity"):
        return False
    disposition = headers.get("content-disposition", [""])[0]
    if disposition.partition(";")[0].strip().lower() == "attachment":
        return False
    if "content-range" in headers or not _DIGESTS.isdisjoint(headers):
        return False
    return _DIGESTS.isdisjoint(words(headers.get("trailer", [""])[0]))


def _status_ok(status: int, error_pages: bool) -> bool:
    if 200 <= status <= 299:
        return status not in (204, 205, 206)
    return error_pages and 400 <= status <= 599


@lru_cache(maxsize=64)
def _is_html(value: str) -> bool:
    kind, _, arguments = value.partition(";")
    if kind.strip().lower() != "text/html":
        return False
    for argument in arguments.split(";"):
        name, found, value = argument.partition("=")
        if found and name.strip().lower() == "charset":
            return value.strip().strip("\"'").lower() in ASCII_COMPATIBLE
    return True
