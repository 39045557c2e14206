"""Reads and changes lists of response headers, whose names may be in any case."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

Headers = list[tuple[str, str]]
ByName = Mapping[str, Sequence[str]]

_OF_THE_BODY = ("content-length", "etag")
# Some caches prefer these to Cache-Control, as they do any `*-Cache-Control` (RFC 9213).
_TARGETED = ("surrogate-control", "x-accel-expires", "edge-control")
_STORING = ("cache-control", "expires", "pragma", "etag", "last-modified")


class RequestHeaders(Protocol):
    """A request's headers by lower-case name; a dict is one.

    Repeated headers are one value, joined by commas in order (RFC 9110, 5.3). Where only one is
    allowed, as with Origin, a repeated one is thus a value that equals nothing.
    """

    def get(self, name: str, /) -> str | None:
        """Return a header's value, or None."""


def by_name(headers: Iterable[tuple[str, str]]) -> ByName:
    """Return all values by lower-case header name, in one pass for many lookups."""
    found: dict[str, list[str]] = {}
    for key, value in headers:
        name = key.lower()
        if name in found:
            found[name].append(value)
        else:
            found[name] = [value]
    return found


def first(headers: Iterable[tuple[str, str]], name: str) -> str | None:
    """Return the first value of a header, or None."""
    for key, value in headers:
        if key.lower() == name:
            return value
    return None


def all_of(headers: Iterable[tuple[str, str]], name: str) -> list[str]:
    """Return every value of a header."""
    return [value for key, value in headers if key.lower() == name]


def words(value: str | None) -> set[str]:
    """Split a comma-separated header into lower-case words without their arguments."""
    return {part.partition("=")[0].strip().lower() for part in (value or "").split(",")} - {""}


def grown(headers: Headers, by: int) -> Headers:
    """Return headers for a body that is `by` bytes longer: length adjusted, strong ETag made weak.

    Ranges are no longer offered: a range request would get the app's bytes, without the tag.
    """
    out: Headers = []
    for pair in headers:
        name = pair[0].lower()
        if name in _OF_THE_BODY:
            pair = (pair[0], _grown(name, pair[1], by))
        if name != "accept-ranges":
            out.append(pair)
    return out


def is_targeted(name: str) -> bool:
    """Whether a header tells only certain shared caches what they may store."""
    return name in _TARGETED or name.endswith("-cache-control")


def is_of_storing(name: str) -> bool:
    """Whether a header says if, how long, or under which validator a response is stored."""
    return name in _STORING or is_targeted(name)


def unstored(headers: Headers) -> Headers:
    """Return headers with which no cache stores the response.

    With both directives, since some CDNs support only `private`.
    """
    kept = [(k, v) for k, v in headers if not is_of_storing(k.lower())]
    return [*kept, ("Cache-Control", "private, no-store")]


def _grown(name: str, value: str, by: int) -> str:
    if name == "etag":
        return weak(value)
    return str(int(value) + by) if value.strip().isdigit() else value


def headless(headers: Headers) -> Headers:
    """Return a HEAD response's headers: those of GET, as far as they are known without the body.

    Whether the tag is added depends on the body, so the length is left out (RFC 9110, 9.3.2).
    """
    return [(k, v) for k, v in grown(headers, 0) if k.lower() != "content-length"]


def revalidated(headers: Headers, if_none_match: str | None) -> Headers:
    """Return a 304's headers with the weak entity tag that the browser has for the page."""
    etag = first(headers, "etag")
    if etag and weak(etag) in (if_none_match or ""):
        return [(k, weak(v) if k.lower() == "etag" else v) for k, v in headers]
    return headers


def weak(etag: str) -> str:
    """Return an entity tag as a weak one."""
    etag = etag.strip()
    return etag if etag.startswith("W/") else "W/" + etag
