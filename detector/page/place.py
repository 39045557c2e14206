"""Finds the place for the tag: one walk over the first bytes, no regex, no parser.

A document is walked from its start over BOM, white space, comments, doctype and `<html>` to the
end of `<head>`. One that leaves `<head>` out gets the tag where its head would begin: HTML then
implies the head itself. Nothing behind that place is ever read, so a `<head>` in a comment or in a
script's text cannot mislead.
"""

from __future__ import annotations

WINDOW = 65_536
MORE = -1
NEVER = -2

_BOM = b"\xef\xbb\xbf"
_SPACE = b" \t\n\f\r"
# Real pages have a handful between their first tags; each costs a step of Python.
_COMMENTS = 64
_NAME_ENDS = (b" ", b"\t", b"\n", b"\f", b"\r", b"/", b">")


def find(page: bytes | bytearray, complete: bool) -> int:
    """Give the offset for the tag, MORE when further bytes may decide, or NEVER.

    `complete` says that no further bytes follow.
    """
    waiting = NEVER if complete or len(page) >= WINDOW else MORE
    if len(page) < 3 and _BOM.startswith(page):
        return waiting
    at = _skip(page, 3 if page.startswith(_BOM) else 0)
    if at < 0:
        return waiting
    doctype = _opens(page, at, b"<!doctype", waiting)
    if doctype == waiting:
        return waiting
    if doctype:
        at = page.find(b">", at) + 1
        at = _skip(page, at) if at else -1
        if at < 0:
            return waiting
    html = _opens(page, at, b"<html", waiting)
    if html == waiting and not (doctype and complete):
        return waiting
    if html > 0:
        end = _tag_end(page, at)
        if end < 0:
            return waiting
        if _is_amp(bytes(page[at:end])):
            return NEVER
        at = _skip(page, end)
        if at < 0:
            return waiting
    elif not doctype:
        return NEVER
    head = _opens(page, at, b"<head", waiting)
    frames = _opens(page, at, b"<frameset", waiting)
    if waiting == MORE in (head, frames):
        return MORE
    if head > 0:
        at = _tag_end(page, at)
        return waiting if at < 0 else at
    return NEVER if frames > 0 else at


def _opens(page: bytes | bytearray, at: int, tag: bytes, waiting: int) -> int:
    """Say 1 when `tag` opens at `at`, 0 when not, `waiting` when the bytes end too early."""
    end = at + len(tag)
    here = page[at:end].lower()
    if here == tag and end < len(page):
        return int(page[end : end + 1] in _NAME_ENDS)
    return waiting if len(page) <= end and tag.startswith(here) else 0


def _skip(page: bytes | bytearray, at: int) -> int:
    """Step over white space and comments; -1 when the bytes end inside of them, or too many are."""
    for _ in range(_COMMENTS):
        at = _skip_space(page, at)
        if at >= len(page):
            return -1
        if page[at : at + 4] != b"<!--":
            short = len(page) - at < 4 and b"<!--".startswith(page[at : at + 4])
            return -1 if short else at
        if page.find(b">", at + 4) < 0:  # ten times faster than to look for "-->" among many "--"
            return -1
        # "<!-->" and "<!--->" are whole comments (HTML 13.2.5.43).
        end = page.find(b">", at + 4, at + 6)
        if end >= 0 and page[at + 4 : end] in (b"", b"-"):
            at = end + 1
            continue
        end = page.find(b"-->", at + 4)
        bang = page.find(b"--!>", at + 4, end if end >= 0 else len(page))
        if bang >= 0:
            at = bang + 4
        elif end >= 0:
            at = end + 3
        else:
            return -1
    return -1


def _skip_space(page: bytes | bytearray, at: int) -> int:
    while at < len(page) and page[at] in _SPACE:
        part = page[at : at + 4096]
        at += len(part) - len(part.lstrip(_SPACE))
    return at


def _tag_end(page: bytes | bytearray, at: int) -> int:
    """Give the offset behind the tag that starts at `at`; -1 when the bytes end before."""
    end = -1
    while True:
        if end < at:
            end = page.find(b">", at)
        if end < 0:
            return -1
        equals = page.find(b"=", at, end)
        if equals < 0:
            return end + 1
        at = _skip_space(page, equals + 1)
        # A quote opens a value only behind "=": elsewhere it is part of a name.
        if page[at : at + 1] in (b'"', b"'"):
            close = page.find(page[at : at + 1], at + 1)
            if close < 0:
                return -1
            at = close + 1


def _is_amp(tag: bytes) -> bool:
    names = {word.partition(b"=")[0].lower() for word in tag.rstrip(b">").split()}
    return bool(names & {b"amp", b"\xe2\x9a\xa1", b"amp4ads", b"amp4email"})
