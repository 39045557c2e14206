"""Reads the filter lists that a user names: files, or addresses that are requested as they are.

Nothing is requested that the user did not name: a redirect is refused with its target.
"""

from __future__ import annotations

import http.client
import re
import time
import urllib.error
import urllib.request
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from detector.filter_lists.rules import Line, parse
from detector.filter_lists.timed_request import asked

LIMIT = 50 * 2**20
TOGETHER = 120.0
_LENGTH = re.compile("[0-9]{1,18}")
_HTML = re.compile(r"\s*<(?:!doctype|html|head|body|\?xml)\b", re.IGNORECASE)


class ListError(ValueError):
    """A list cannot be used; the message names the file, the faulty line and the fix."""


@dataclass(frozen=True, slots=True)
class Source:
    """One list: as the user named it, a short unique label, and its lines.

    `rules` counts the lines that are rules of any sort; `include` is the first line that includes
    another list, which is not read, or 0.
    """

    name: str
    label: str
    lines: tuple[str, ...]
    rules: int
    include: int


def read_all(names: Iterable[str]) -> list[Source]:
    """Read lists by path or address, each once; raise ListError."""
    sources: list[Source] = []
    labels: dict[str, int] = {}
    for name in dict.fromkeys(names):
        lines, rules = _checked(name, _bytes(name))
        label = re.sub(r"(\.min)?\.(txt|list)$", "", name.rstrip("/").rpartition("/")[2]) or name
        labels[label] = labels.get(label, 0) + 1
        if labels[label] > 1:
            label += f"({labels[label]})"
        asks = (n for n, line in enumerate(lines, 1) if line.startswith("!#include "))
        sources.append(Source(name, label, lines, rules, next(asks, 0)))
    return sources


def read(name: str) -> tuple[str, ...]:
    """Return the lines of one list by path or address; raise ListError."""
    return _checked(name, _bytes(name))[0]


def _bytes(name: str) -> bytes:
    if "://" in name:
        data = _download(name)
    else:
        try:
            path = Path(name)
            # Opening a pipe that nobody writes to would block forever.
            if path.exists() and not path.is_file() and not path.is_dir():
                raise ListError(f"{name}: is not a file (a pipe or device?); name a filter list")
            with path.open("rb") as file:
                data = file.read(LIMIT + 1)
        except OSError as error:
            raise ListError(f"{name}: cannot be read ({error.strerror})") from None
        except ValueError as error:
            raise ListError(f"{name!r}: cannot be read ({error})") from None
    if len(data) > LIMIT:
        raise ListError(f"{name}: is larger than {LIMIT // 2**20} MB; name a filter list")
    return data


def _checked(name: str, data: bytes) -> tuple[tuple[str, ...], int]:
    """Return a list's lines and count of rules; raise ListError with the first faulty line."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        at = data[: error.start].count(b"\n") + 1
        raise ListError(
            f"{name}: line {at} is not UTF-8 text; name a filter list in text form"
        ) from None
    lines = tuple(line.rstrip("\r") for line in text.split("\n"))
    good = 0
    broken: list[int] = []
    for number, line in enumerate(lines, 1):
        if "\0" in line:
            raise ListError(f"{name}: line {number} is not text; name a filter list in text form")
        if not good and _HTML.match(line):
            raise ListError(
                f"{name}: line {number} begins an HTML page, not a filter list; it may be an error "
                "page: open it to check, and get the list's raw text"
            )
        kind = parse(number, line)
        if kind is Line.BROKEN:
            broken.append(number)
        elif kind is not Line.COMMENT:
            good += 1
    if len(broken) > good:
        raise ListError(
            f"{name}: line {broken[0]} is not a filter rule, nor are {len(broken) - 1} others; "
            "name a list in the syntax of Adblock Plus, uBlock Origin or AdGuard"
        )
    if not good:
        what = "contains no rule" if text.strip() else "is empty"
        raise ListError(f"{name}: {what}; get the list again")
    return lines, good


class _Stay(urllib.request.HTTPRedirectHandler):
    """Follows no redirect: it leads to an address that the user did not name."""

    def redirect_request(
        self, req: urllib.request.Request, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> None:
        """Close the answer, and raise ListError with the target."""
        fp.close()
        raise ListError(f"{req.full_url}: redirects to {newurl}; name that address if you trust it")


def _errors() -> tuple[urllib.request.BaseHandler, ...]:
    """Return the handlers that turn an unsuccessful answer into an HTTPError."""
    return urllib.request.HTTPErrorProcessor(), urllib.request.HTTPDefaultErrorHandler()


def _download(url: str) -> bytes:
    try:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ListError(f"{url}: is neither a file nor an http or https address")
        request = urllib.request.Request(url, headers={"User-Agent": "adblock-detector"})
        ends = time.monotonic() + TOGETHER
        data = bytearray()
        with asked(request, ends, _Stay(), *_errors()) as answer:
            while len(data) <= LIMIT and (more := answer.read1(2**16)):
                data += more
            whole = answer.headers.get("Content-Length", "")
        if _LENGTH.fullmatch(whole) and len(data) < min(int(whole), LIMIT):
            raise ListError(f"{url}: is cut off after {len(data)} bytes; try again")
        return bytes(data)
    except TimeoutError:
        raise ListError(f"{url}: did not arrive within {TOGETHER:g} s; try again") from None
    except urllib.error.HTTPError as error:
        error.close()
        raise ListError(f"{url}: answers {error.code} {error.reason}; check the address") from None
    except (OSError, http.client.HTTPException) as error:
        reason = getattr(error, "reason", None) or error
        raise ListError(f"{url}: cannot be read ({reason}); try again") from None
    except ListError:
        raise
    except ValueError as error:
        raise ListError(f"{url}: is not an address ({error})") from None
