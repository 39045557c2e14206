"""Which of some filter lists the well-known blockers use together, by the lists' titles."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from detector.filter_lists.fetch import Source

BRAVE = "Brave, standard mode"
_TITLE = re.compile(r"[!#]\s*Title:\s*(.+)")
_EASYLIST = "EasyList"
_UBLOCK = r"uBlock.? filters"
# Each with the lists that it has by default; with the last one alone it is another blocker.
_BLOCKERS = {
    "Adblock Plus, AdBlock": (_EASYLIST,),
    "uBlock Origin": (
        rf"EasyPrivacy|{_UBLOCK} [–-] (?:Badware risks|Privacy|Quick fixes|Unbreak)",
        _EASYLIST,
        _UBLOCK,
    ),
    "AdGuard": ("AdGuard Base filter",),
}


@dataclass(frozen=True, slots=True)
class Blocker:
    """A blocker and the lists that it combines; `standard` is Brave's mode that spares most."""

    name: str
    sources: tuple[Source, ...]
    standard: bool = False


def blockers(sources: Sequence[Source], brave: str = "") -> list[Blocker]:
    """Return the blockers that these lists make up; `brave` is the label of Brave's own.

    Lists of which no title is known are taken for one blocker that uses all of them.
    """
    full = [source for source in sources if source.label != brave]
    titles = {source.label: _title(source) for source in full}
    found = []
    for name, wanted in _BLOCKERS.items():
        lists = [[s for s in full if re.fullmatch(one, titles[s.label])] for one in wanted]
        if all(lists[-2:]):
            uses = [source for source in full if any(source in some for some in lists)]
            found.append(Blocker(name, tuple(uses)))
    if full and not found:
        found.append(Blocker("A blocker with these lists", tuple(full)))
    own = tuple(source for source in sources if source.label == brave)
    return [*found, *([Blocker(BRAVE, own, True)] if own else [])]


def _title(source: Source) -> str:
    found = (_TITLE.match(line) for line in source.lines[:30])
    return next((title[1].strip() for title in found if title), "")
