"""The result of an audit as one line: a small SVG image for a README or a status page."""

from __future__ import annotations

import os
from datetime import datetime
from html import escape
from pathlib import Path

from detector.audit import wording
from detector.audit.model import Report

_LABEL = "under ad blockers"
# White on each of them has a contrast of 5.9 or more.
_COLOURS = {0: "#1b6b3a", 1: "#a8261b", 2: "#85560a"}
_LETTER, _PAD = 6.7, 12


class BadgeError(ValueError):
    """A badge cannot be written there; the message says why and how to fix it."""


def check(path: Path) -> None:
    """Raise `BadgeError` where a badge cannot be written: before an audit, which takes long."""
    if path.suffix.lower() != ".svg":
        raise BadgeError(f"--badge {path}: is an SVG image; name a file that ends in .svg")
    if not path.parent.is_dir():
        raise BadgeError(f"--badge {path}: its folder does not exist; create it first")
    if path.is_dir() or not os.access(path if path.exists() else path.parent, os.W_OK):
        raise BadgeError(f"--badge {path}: cannot be written; name a file of your own")


def badge(report: Report) -> str:
    """Return the badge of a report."""
    word, label = _word(report), _LABEL
    left, right = (round(_LETTER * len(text)) + _PAD for text in (label, word))
    when = datetime.fromisoformat(report.began)
    told = f"{label}: {word} ({when.day} {when:%B %Y})"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="20" role="img" '
        f'aria-label="{escape(told)}"><title>{escape(told)}</title>'
        f'<rect width="{left}" height="20" fill="#444"/>'
        f'<rect x="{left}" width="{right}" height="20" fill="{_COLOURS[report.status]}"/>'
        '<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11" '
        f'text-anchor="middle">{_text(label, left / 2, left)}{_text(word, left + right / 2, right)}'
        "</g></svg>\n"
    )


def write(report: Report, path: Path) -> None:
    """Write the badge; raise `BadgeError`."""
    try:
        path.write_text(badge(report), "utf-8")
    except OSError as error:
        raise BadgeError(f"--badge {path}: cannot be written ({error.strerror})") from None


def _word(report: Report) -> str:
    under = sum(bool(one.clean) for one in report.blockers)
    if report.status == 2:
        return "not all was seen"
    if report.status == 0:
        return f"works under {under}"
    return wording.some(sum(len(one.new) for one in report.visits), "problem")


def _text(text: str, middle: float, width: int) -> str:
    return f'<text x="{middle:g}" y="14" textLength="{width - _PAD}">{escape(text)}</text>'
