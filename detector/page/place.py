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
    """Step over white space and comments; -1 when the bytes end inside of them."""
    size = len(page)
    while True:
        while at < size and page[at] in _SPACE:
            at += 1
        if at >= size:
            return -1
        if page[at : at + 4] != b"<!--":
            return -1 if b"<!--".startswith(page[at : at + 4]) and size - at < 4 else at
        # "<!-->" and "<!--->" are whole comments (HTML 13.2.5.43).
        end = page.find(b">", at + 4, at + 6)
        if end >= 0 and page[at + 4 : end] in (b"", b"-"):
            at = end + 1
            continue
        end = page.find(b"-->", at + 4)
        bang = page.find(b"--!>", at + 4, end if end >= 0 else size)
        if bang >= 0:
            at = bang + 4
        elif end >= 0:
            at = end + 3
        else:
            return -1


def _tag_end(page: bytes | bytearray, at: int) -> int:
    """Give the offset behind the tag that starts at `at`; -1 when the bytes end before."""
    size = len(page)
    at += 1
    after_equals = False
    while at < size:
        char = page[at]
        if char == 0x3E:  # >
            return at + 1
        if after_equals and char in (0x22, 0x27):  # a quote opens only an attribute's value
            close = page.find(bytes([char]), at + 1)
            if close < 0:
                return -1
            at = close
            after_equals = False
        elif char == 0x3D:  # =
            after_equals = True
        elif char not in _SPACE:
            after_equals = False
        at += 1
    return -1


def _is_amp(tag: bytes) -> bool:
    names = {word.partition(b"=")[0].lower() for word in tag.rstrip(b">").split()}
    return bool(names & {b"amp", b"\xe2\x9a\xa1", b"amp4ads", b"amp4email"})
