"""Audit reports built by hand."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

from detector.audit.model import Failed, PageVisit, Problem, Report, Under

SITE = "https://news.example/"
HOSTILE = (
    '<script>alert(1)</script>"><img src=x onerror=alert(2)> \x00\x1b[31m\x07\x85\u202ereversed'
    "\ud800 ]]> &amp; שלום 👩‍💻 {0} %s [bold]"
)
"""Text that would break a page, a terminal, XML or a template where it is not made harmless."""
EASYLIST = (
    "Chromium 156.0.7204.49 + filter lists 0.6.0 (emulation, Brave's engine over Playwright, "
    "lists of 2026-10-30)"
)
UBLOCK = "Firefox 140.5 + uBlock Origin 1.67.0 (real, lists of 2026-10-30)"


def report(*paths: str) -> Report:
    """Return a report of two blockers in two engines on some pages, without problems."""
    made = Report(SITE, "2026-11-23T08:30:00+00:00")
    made.blockers = [
        Under("none", "Chromium 156.0.7204.49"),
        Under("easylist", EASYLIST, "none"),
        Under("none-firefox", "Firefox 140.5"),
        Under("ublock-origin", UBLOCK, "none-firefox"),
    ]
    for path in paths or ("/",):
        for under in made.blockers:
            made.visits.append(visit(SITE.rstrip("/") + path, under.name))
    return made


def visit(url: str, blocker: str) -> PageVisit:
    """Return a visit without problems."""
    clean = blocker.startswith("none")
    state = "clear" if clean else "blocked"
    made = PageVisit(url, blocker, status=200, title="The Daily News", final_url=url, seconds=2.34)
    made.prefix, made.expected, made.due = "/wbkjwjzh/", state, not clean
    made.verdict = {"state": state, "kind": None if clean else "extension", "signals": {}}
    if not clean:
        made.notice = {"text": "Ads are blocked here\nThey pay for this paper.", "close": True}
        made.failed = [
            Failed("https://ads.example/tag.js?slot=1", "script", "ERR_BLOCKED", blocked=True),
            Failed(f"{SITE}wbkjwjzh/ads/300.png", "image", "ERR_BLOCKED", blocked=True, bait=True),
            Failed(f"{SITE}gone.png", "image", "404 Not Found", status=404),
        ]
    return made


def broken(made: Report) -> Report:
    """Add a fault of each kind to a report."""
    found = [one for one in made.visits if one.blocker == "easylist"]
    found[0].problems = [
        Problem("hidden", "#pay", "“Pay now” is hidden under the blocker"),
        Problem("shift", "main", "main moves: 0.34, and 0.01 without"),
    ]
    found[0].console = ["TypeError: shop is undefined (https://news.example/shop.js)"]
    found[-1].error = "did not answer within 10 s"
    found[-1].verdict = found[-1].notice = None
    made.visits = [one for one in made.visits if one.blocker != "ublock-origin"]
    made.blockers[3] = Under("ublock-origin", UBLOCK, "none-firefox", "the browser ended")
    return made


def hostile(text: str = HOSTILE) -> Report:
    """Return a report in which every text that a site controls is the given one."""
    made = report()
    url = f"{SITE}?q={text}"
    for one in made.visits:
        one.url = one.final_url = url
        one.title = one.picture = text
        one.console, one.dialogs, one.downloads, one.notes = [text], [text], [text], [text]
        one.failed = [Failed(text, text, text, blocked=True), Failed(url, text, text)]
        one.problems = [Problem("console", text, text)]
        one.verdict = {"state": text, "kind": text}
        one.notice = {"text": text, "close": False}
    made.visits[0].error = text
    made.notes = [text]
    made.blockers[3] = Under("ublock-origin", text, "none-firefox", text)
    return made


def picture(file: Path, colour: tuple[int, int, int] = (200, 190, 170)) -> None:
    """Write a small PNG of one colour."""
    row = b"\0" + bytes(colour) * 16
    chunks = [
        (b"IHDR", struct.pack(">IIBBBBB", 16, 10, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(row * 10)),
        (b"IEND", b""),
    ]
    data = b"\x89PNG\r\n\x1a\n"
    for name, body in chunks:
        data += struct.pack(">I", len(body)) + name + body
        data += struct.pack(">I", zlib.crc32(name + body))
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)
