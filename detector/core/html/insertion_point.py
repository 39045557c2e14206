"""Finds the insertion point of the tag: one walk over the first bytes, no regex, no parser.

The walk goes from the document's start over BOM, white space, comments, doctype and `<html>` to the
end of the `<head>` tag. A document without `<head>` gets the tag where its head would begin, since
HTML implies one there. Nothing after that point is read, so a `<head>` in a comment or script
cannot mislead.
"""

from __future__ import annotations

WINDOW = 65_536
MORE = -1
NEVER = -2

# More than any real page has before the insertion point: each costs a step of the walk.
COMMENTS = 32
ATTRIBUTES = 64

_BOM = b"\xef\xbb\xbf"
_SPACE = b" \t\n\f\r"
_SPACES = (b" ", b"\n", b"\t", b"\f", b"\r")
_QUOTES = (b'"', b"'")
_NAME_ENDS = (b" ", b"\t", b"\n", b"\f", b"\r", b"/", b">")


def find(page: bytes | bytearray, complete: bool) -> int:
    """Return the offset for the tag, MORE if further bytes may decide, or NEVER.

    `complete` means that no further bytes follow.
    """
    waiting = NEVER if complete or len(page) >= WINDOW else MORE
    if len(page) < 3 and _BOM.startswith(page):
        return waiting
    at = _skip(page, 3 if page.startswith(_BOM) else 0)
    if at < 0:
        return min(waiting, at)
    doctype = _opens(page, at, b"<!doctype", waiting)
    if doctype == waiting:
        return waiting
    if doctype:
        at = page.find(b">", at) + 1
        at = _skip(page, at) if at else MORE
        if at < 0:
            return min(waiting, at)
    html = _opens(page, at, b"<html", waiting)
    if html == waiting and not (doctype and complete):
        return waiting
    if html > 0:
        end = _tag_end(page, at + 5)
        if end < 0:
            return min(waiting, end)
        if _is_amp(bytes(page[at:end])):
            return NEVER
        at = _skip(page, end)
        if at < 0:
            return min(waiting, at)
    elif not doctype:
        return NEVER
    head = _opens(page, at, b"<head", waiting)
    frames = _opens(page, at, b"<frameset", waiting)
    if waiting == MORE in (head, frames):
        return MORE
    if head > 0:
        at = _tag_end(page, at + 5)
        return min(waiting, at) if at < 0 else at
    return NEVER if frames > 0 else at


def _opens(page: bytes | bytearray, at: int, tag: bytes, waiting: int) -> int:
    """Return 1 if `tag` opens at `at`, 0 if not, `waiting` if the bytes end too early."""
    end = at + len(tag)
    start = page[at:end].lower()
    if start == tag and end < len(page):
        return int(page[end : end + 1] in _NAME_ENDS)
    return waiting if len(page) <= end and tag.startswith(start) else 0


def _skip(page: bytes | bytearray, at: int) -> int:
    """Skip white space and comments; MORE if the bytes end inside them."""
    for _ in range(COMMENTS):
        at = _skip_space(page, at)
        start = page[at : at + 4]
        if start != b"<!--":
            return MORE if b"<!--".startswith(start) else at
        # "<!-->" and "<!--->" are complete comments (HTML 13.2.5.43).
        if page.startswith((b"<!-->", b"<!--->"), at):
            at = page.find(b">", at) + 1
            continue
        if page.find(b">", at + 4) < 0:
            return MORE  # a quick exit before the slower searches below
        end = page.find(b"-->", at + 4)
        bang = page.find(b"--!>", at + 4, end if end >= 0 else len(page))
        if bang >= 0:
            at = bang + 4
        elif end >= 0:
            at = end + 3
        else:
            return MORE
    return NEVER


def _skip_space(page: bytes | bytearray, at: int) -> int:
    while at < len(page) and page[at] in _SPACE:
        part = page[at : at + 4096]
        # lstrip() is faster, but its white space has one character more than HTML's.
        step = len(part) - len(part.lstrip())
        odd = part.find(b"\v", 0, step)
        at += step if odd < 0 else odd
    return at


def _tag_end(page: bytes | bytearray, at: int) -> int:
    """Return the offset after the tag whose name ends at `at`; MORE if the bytes end before.

    Follows the attribute states of HTML 13.2.5.32 to 13.2.5.40. Outside a quoted value the first
    ">" ends the tag, so only each "=" needs checking: whether a value follows it, and which.
    """
    end = -1
    named = False  # whether the character at `at` begins a name, even if it is "="
    for _ in range(ATTRIBUTES):
        if end < at:
            end = page.find(b">", at)
        if end < 0:
            return MORE
        equals = page.find(b"=", at + named, end)
        if equals < 0:
            return end + 1
        name = page[at:equals].rstrip(_SPACE)
        named = not name or name.endswith(b"/")
        if named:
            at = equals
            continue
        at = _skip_space(page, equals + 1)
        quote = page[at : at + 1]
        if quote in _QUOTES:
            at = page.find(quote, at + 1) + 1
            if not at:
                return MORE
        else:
            at = _unquoted_end(page, at, end)
    return NEVER


def _unquoted_end(page: bytes | bytearray, at: int, end: int) -> int:
    """Return the end of the value that starts at `at`: white space, or `end`, the tag's ">"."""
    for space in _SPACES:
        found = page.find(space, at, end)
        if found >= 0:
            end = found
    return end


def _is_amp(tag: bytes) -> bool:
    names = {word.partition(b"=")[0].lower() for word in tag.rstrip(b">").split()}
    return bool(names & {b"amp", b"\xe2\x9a\xa1", b"amp4ads", b"amp4email"})
