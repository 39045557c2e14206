"""Decides from status and headers alone whether a response may carry the tag."""

from __future__ import annotations

from detector.page.headers import Headers, RequestHeaders, all_of, first, words

# Encodings in which every ASCII byte means itself, also inside of longer characters: a search for
# "<" can never hit the middle of another character. Shift_JIS, GBK, ISO-2022 and UTF-16 are not.
ASCII_COMPATIBLE = frozenset(
    {"utf-8", "utf8", "us-ascii", "ascii", "latin-1", "latin1", "windows-1252", "windows-1251"}
    | {f"iso-8859-{n}" for n in range(1, 17)}
    | {f"windows-{n}" for n in range(1250, 1259)}
    | {"koi8-r", "koi8-u", "euc-jp", "euc-kr"}
)
_DIGESTS = {"content-md5", "digest", "repr-digest", "content-digest"}
_FRAGMENT_MARKS = ("hx-request", "turbo-frame", "x-requested-with", "x-pjax", "x-up-target")


def may_carry(
    method: str,
    status: int,
    headers: Headers,
    request: RequestHeaders,
    *,
    error_pages: bool = False,
) -> bool:
    """Say whether this response may carry the tag; `request` has lower-case header names."""
    if method not in ("GET", "HEAD") or not _status_ok(status, error_pages):
        return False
    if not _is_html(all_of(headers, "content-type")):
        return False
    if first(headers, "content-encoding") not in (None, "", "identity"):
        return False
    disposition = first(headers, "content-disposition") or ""
    if disposition.partition(";")[0].strip().lower() == "attachment":
        return False
    if first(headers, "content-range") is not None:
        return False
    if "no-transform" in words(",".join(all_of(headers, "cache-control"))):
        return False
    if any(key.lower() in _DIGESTS for key, _ in headers):
        return False
    if _DIGESTS & words(first(headers, "trailer")):
        return False
    lengths = all_of(headers, "content-length")
    if len(lengths) > 1 or (lengths and not lengths[0].strip().isdigit()):
        return False
    # htmx sends full documents for boosted links; a fragment has no doctype and is left alone
    # by the placing anyway, so only requests that can hold nothing but fragments end here.
    if request.get("hx-boosted") == "true":
        return True
    return not any(request.get(name) for name in _FRAGMENT_MARKS)


def may_differ(headers: Headers) -> bool:
    """Say whether a response may differ by visitor: no shared cache is allowed to keep it."""
    return bool({"private", "no-store"} & words(",".join(all_of(headers, "cache-control"))))


def _status_ok(status: int, error_pages: bool) -> bool:
    if 200 <= status <= 299:
        return status not in (204, 205, 206)
    return error_pages and 400 <= status <= 599


def _is_html(types: list[str]) -> bool:
    if len(types) != 1:
        return False
    kind, _, arguments = types[0].partition(";")
    if kind.strip().lower() != "text/html":
        return False
    for argument in arguments.split(";"):
        name, found, value = argument.partition("=")
        if found and name.strip().lower() == "charset":
            return value.strip().strip("\"'").lower() in ASCII_COMPATIBLE
    return True
