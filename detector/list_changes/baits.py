"""Baits that a newer list acts on no more, or by its last rule."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from detector.core.baits.pool import Pool
from detector.filter_lists.matcher import Matcher
from detector.filter_lists.rule_index import Found, Mark
from detector.filter_lists.served import bait_urls

_SECRET = "a secret of a sample site"


@dataclass(frozen=True, slots=True)
class BaitChange:
    """A bait whose life a newer list shortens.

    dies: it acted on it and does no more; `rules` are those of the older list, `spared` what
    exempts it now. last: one rule is left, `rules`, of `before`.
    """

    name: str
    type: str
    change: Literal["dies", "last"]
    before: int
    rules: tuple[Mark, ...]
    spared: tuple[Mark, ...] = ()


def bait_changes(old: Matcher, new: Matcher, pool: Pool) -> Iterator[BaitChange]:
    """Yield the baits that die or live by one rule; requests first, in the pool's order."""
    for url, entry in zip(bait_urls(_SECRET, pool), pool.requests, strict=True):
        both = (one.request(url, entry.type) for one in (old, new))
        yield from _change(entry.path, entry.type, *both)
    for name in pool.elements:
        yield from _change(name, "class", *(one.element("." + name) for one in (old, new)))


def _change(name: str, kind: str, before: Found, after: Found) -> Iterator[BaitChange]:
    if not before.live:
        return
    count = len({mark.rule for mark in before.hits})
    if not after.live:
        yield BaitChange(name, kind, "dies", count, before.hits, after.spared)
    elif len({mark.rule for mark in after.hits}) == 1 < count:
        yield BaitChange(name, kind, "last", count, after.hits[:1])
