"""Bodies, made of what the walk over a page looks at, and ways of cutting them into chunks."""

from __future__ import annotations

import itertools

from hypothesis import strategies as st

PIECES = st.sampled_from(
    [
        *(
            b"<!doctype html>",
            b"<html>",
            b"<html lang='>'>",
            b"<head>",
            b"<HEAD >",
            b"<!--",
            b"-->",
        ),
        *(b">", b"<", b"</head>", b"<header>", b"<script>'<head>'</script>", b"\xef\xbb\xbf", b" "),
        *(b"\xff", b"x"),
    ]
)
BODIES = st.one_of(
    st.lists(PIECES, max_size=12).map(b"".join),
    st.lists(PIECES, max_size=6).map(lambda parts: b"<!doctype html>" + b"".join(parts)),
    st.binary(max_size=200),
)
CUTS = st.lists(st.integers(0, 200), max_size=6)


def chunked(body: bytes, cuts: list[int]) -> list[bytes]:
    """Cut a body at these places, empty chunks included."""
    edges = [0, *sorted(min(cut, len(body)) for cut in cuts), len(body)]
    return [body[a:b] for a, b in itertools.pairwise(edges)]
