"""Formats findings for people: a line for each check, the fix below it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from detector.core.printable import printable
from detector.doctor.findings import Finding
from detector.doctor.lines import wrapped

_LINE = re.compile(r"location \^~ [^}]*\}")
_NO_BREAK = "\N{NO-BREAK SPACE}"


def table(findings: Sequence[Finding]) -> str:
    """Return the whole text, with the count at the end."""
    look = max((len(one.look) for one in findings), default=0)
    lines: list[str] = []
    fixes: set[str] = set()
    page = ""
    several = len({one.page for one in findings if one.page}) > 1
    for one in findings:
        if several and one.page != page:
            page = one.page
            lines += ["", page or "The site"] if lines else [page]
        level = one.level if one.level == "ok" else one.level.upper()
        lines += _wrapped(f"{level:<7}  {one.look:<{look}}  ", one.saw)
        if one.fix:
            text = "as above." if one.fix in fixes else one.fix
            lines += _wrapped(" " * (11 + look) + "Fix: ", text)
            fixes.add(one.fix)
    count = Counter(one.level for one in findings)
    words = [_some(count["error"], "error"), _some(count["warning"], "warning")]
    lines += ["", f"{', '.join(words)}, {count['ok']} ok."]
    return "\n".join(lines)


def _wrapped(head: str, text: str) -> list[str]:
    # Lines for a configuration are not wrapped, so that they can be copied.
    text = _LINE.sub(lambda found: found[0].replace(" ", _NO_BREAK), printable(text))
    return [line.replace(_NO_BREAK, " ") for line in wrapped(head, text)]


def _some(count: int, word: str) -> str:
    return f"{count or 'no'} {word}{'' if count == 1 else 's'}"
