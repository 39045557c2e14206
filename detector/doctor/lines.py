"""Wraps a text into lines for a terminal, those after the first indented below its beginning."""

from __future__ import annotations

import textwrap

WIDTH = 100


def wrapped(head: str, text: str) -> list[str]:
    """Return a text as lines after a head; words, options and addresses are not broken."""
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=head,
        subsequent_indent=" " * len(head),
        break_long_words=False,
        break_on_hyphens=False,
    )
