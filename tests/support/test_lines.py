"""Tests of how lines of code are counted."""

from __future__ import annotations

from tests.support.lines import code_lines


def test_lines_of_code() -> None:
    """Blank lines, comments and docstrings do not count; a string that is used does."""
    source = (
        '"""Doc."""\n\n# why\nx = """a\nb"""\n\ndef f():\n    """Doc.\n    """\n    g(\n)  # no\n'
    )
    assert code_lines(source) == {4, 5, 7, 10, 11}
