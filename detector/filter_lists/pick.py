"""Picks a pool of baits from filter lists: names that as many of them as possible act on."""

from __future__ import annotations

import json
import textwrap
from collections import Counter
from functools import cache
from typing import get_args

from detector.core.baits.pool import Pool, Request, Type, keywords
from detector.filter_lists.candidates import fragility, is_class, joined, path_for, word_for
from detector.filter_lists.engine import KINDS
from detector.filter_lists.lanes import Lane, Name, sort_into_lanes
from detector.filter_lists.matcher import PAGE, Matcher
from detector.filter_lists.rule_index import Found
from detector.filter_lists.served import sample_urls

ELEMENTS = 350
# Baits of one lane and type; a lane of full lists has one of each type.
_WIDE = 3
_LARGE = 0.25
_ABOUT = (
    "Names that filter lists act on. rule: the rules that a bait falls to, one is enough. "
    "everywhere: acts in Brave's standard mode too. {w}: a neutral word of the site."
)


def pick(matcher: Matcher, brave: str, date: str) -> Pool:
    """Return a pool with this date; `check` tells whether it is good enough.

    `brave` is the label of the list that acts everywhere.
    """
    return Pool(date, tuple(_requests(matcher, brave)), tuple(_elements(matcher, brave)))


def dump(pool: Pool) -> str:
    """Return a pool as JSON, a line for each request."""
    requests = ",\n".join(
        "    "
        + json.dumps({"rule": r.rule, "type": r.type, "path": r.path, "everywhere": r.everywhere})
        for r in pool.requests
    )
    elements = textwrap.fill(
        ", ".join(map(json.dumps, pool.elements)),
        width=100,
        initial_indent="    ",
        subsequent_indent="    ",
        break_long_words=False,
        break_on_hyphens=False,
    )
    return (
        f'{{\n  "date": {json.dumps(pool.date)},\n  "about": {json.dumps(_ABOUT)},\n'
        f'  "requests": [\n{requests}\n  ],\n  "elements": [\n{elements}\n  ]\n}}\n'
    )


def _requests(matcher: Matcher, brave: str) -> list[Request]:
    """Return the baits of every lane: no rule that blocks one blocks a bait of another lane."""
    owners: dict[str, Lane] = {}
    made: dict[tuple[Type, str], Request] = {}
    good = cache(lambda name: _hits(matcher, name.type, name.path) is not None)
    for lane in sort_into_lanes(_names(matcher, brave), good):
        for kind in lane.types:
            for number in range(_WIDE if lane.everywhere else 1):
                stack = _in_order(lane.stack(kind, number))
                path = joined([(name.path, name.pattern) for name in stack])
                hits = _hits(matcher, kind, path)
                if hits is None or not keywords(path) <= lane.marks:
                    continue
                patterns = {name.pattern for name in stack} | hits
                if any(owners.setdefault(pattern, lane) is not lane for pattern in patterns):
                    continue
                rule = " ".join(sorted({word_for(name.pattern) for name in stack}))
                made.setdefault((kind, path), Request(rule, kind, path, lane.everywhere))
    return sorted(made.values(), key=lambda r: (not r.everywhere, get_args(Type).index(r.type)))


def _names(matcher: Matcher, brave: str) -> list[Name]:
    """Return a name for each possible rule and type that a large list blocks."""
    hits: dict[tuple[Type, str], tuple[str, set[str]]] = {}
    for rule in matcher.index.blocking():
        for kind in get_args(Type):
            path = path_for(rule.pattern, kind) if rule.acts(KINDS[kind], "news.example") else None
            if path is None or (kind, path) in hits:
                continue
            url = sample_urls(path)[0]
            hit = {label for label, lists in matcher.alone.items() if lists.hits(url, PAGE, kind)}
            hits[kind, path] = rule.pattern, hit
    count = Counter(label for _, hit in hits.values() for label in hit - {brave})
    # A small list supplements a large one: a rule of its own acts in few blockers.
    large = {label for label, number in count.items() if number > len(hits) * _LARGE}
    return [
        Name(kind, path, brave in hit, len(hit & large), pattern, fragility(path))
        for (kind, path), (pattern, hit) in hits.items()
        if hit & large
    ]


def _hits(matcher: Matcher, kind: Type, path: str) -> frozenset[str] | None:
    """Return the patterns that block a path on every site; None if a site or a line spares it."""
    found: list[Found] = [matcher.request(url, kind) for url in sample_urls(path)]
    lists = {frozenset(mark.list for mark in one.hits) for one in found}
    if len(lists) > 1 or any(one.spared or not one.live for one in found):
        return None
    return frozenset(mark.rule.partition("$")[0] for one in found for mark in one.hits)


def _in_order(stack: list[Name]) -> list[Name]:
    """Sort names so that folders stand before files, and a query last."""
    return sorted(stack, key=lambda n: ("?" in n.path, "{w}." not in n.path, n.rank))


def _elements(matcher: Matcher, brave: str) -> list[str]:
    """Choose the classes that most lists hide and none exempts on every site.

    Of these come first the ones in Brave's list, and the ones that are exempted on one site, which
    live longer; then the short ones.
    """
    names = [name for name in matcher.index.hidden() if is_class(name)]
    names = [name for name in names if not matcher.index.element(name).spared]
    bare = [name[1:] for name in names]
    together = set(matcher.together.hides(bare))
    now = Counter(name for lists in matcher.alone.values() for name in lists.hides(bare))
    first = set(matcher.alone[brave].hides(bare)) if brave in matcher.alone else set()
    first |= {name for name in names if matcher.index.on_sites[name] == 1}
    good = [name for name in names if name in together]
    good.sort(key=lambda n: (-now[n], n not in first, len(n), n))
    return [name[1:] for name in good[:ELEMENTS]]
