"""Breaks a text into lines for a screen, those after the first below its beginning."""

from __future__ import annotations

import textwrap

WIDTH = 100


def wrapped(head: str, text: str) -> list[str]:
    """Return a text as lines after a head; words, options and addresses stay whole."""
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=head,
        subsequent_indent=" " * len(head),
        break_long_words=False,
        break_on_hyphens=False,
    )
