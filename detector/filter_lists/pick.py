"""Picks a pool of baits from filter lists: names that as many of them as possible act on."""

from __future__ import annotations

import json
import textwrap
from collections import Counter
from dataclasses import dataclass
from typing import get_args

from detector.core.baits.pool import SLOTS, Pool, Request, Type
from detector.filter_lists.candidates import is_class, is_plain, path_for, word_for
from detector.filter_lists.engine import KINDS
from detector.filter_lists.matcher import PAGE, Matcher
from detector.filter_lists.served import sample_urls

# Rules per type, of those that act everywhere and of the others. With ENOUGH of them, rules in
# fewer lists than the best are not needed.
RULES = 8
ENOUGH = 4
ELEMENTS = 350
_ABOUT = (
    "Names that filter lists act on. rule: baits with the same word fall to the same rule. "
    "everywhere: acts in Brave's standard mode too. {w}: a neutral word of the site."
)


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A possible request bait; `lists` and `older` count the lists that match it."""

    type: Type
    path: str
    everywhere: bool
    lists: int
    older: int
    pattern: str

    @property
    def rank(self) -> tuple[int, int, bool, int, str]:
        """Sort key: the best ones first."""
        return -self.lists, -self.older, not is_plain(self.path), len(self.path), self.path


def pick(matcher: Matcher, brave: str, before: Matcher | None, date: str) -> Pool:
    """Return a pool with this date; `pool.shortage` and `check` tell whether it is too small.

    `brave` is the label of the list that acts everywhere, `before` has older lists.
    """
    requests = _requests(matcher, before, brave)
    return Pool(date, tuple(requests), tuple(_elements(matcher, before)))


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


def _requests(matcher: Matcher, before: Matcher | None, brave: str) -> list[Request]:
    """Choose the best candidates that no line exempts, some of each type, each of another rule."""
    words: dict[str, str] = {}
    taken: Counter[tuple[Type, bool]] = Counter()
    best: dict[tuple[Type, bool], int] = {}
    used: set[tuple[Type, str]] = set()
    chosen: list[Request] = []
    for candidate in sorted(_candidates(matcher, before, brave), key=lambda one: one.rank):
        slot = candidate.type, candidate.everywhere
        best.setdefault(slot, candidate.lists)
        if taken[slot] >= (RULES if candidate.lists == best[slot] else ENOUGH):
            continue
        urls = sample_urls(candidate.path)
        found = [matcher.request(url, candidate.type) for url in urls]
        past = [before.request(url, candidate.type) for url in urls] if before else []
        if any(one.spared for one in (*found, *past)) or not all(one.live for one in found):
            continue
        if any(
            {mark.list for mark in one.hits} != {mark.list for mark in found[0].hits}
            for one in found
        ):
            continue  # a rule that acts by chance, on some words only
        patterns = {mark.rule.partition("$")[0] for one in found for mark in one.hits}
        known = {words[pattern] for pattern in patterns if pattern in words}
        if len(known) > 1:
            continue  # it would merge two rules
        word = known.pop() if known else word_for(candidate.pattern)
        if (candidate.type, word) in used:
            continue
        words.update(dict.fromkeys(patterns, word))
        used.add((candidate.type, word))
        taken[slot] += 1
        chosen.append(Request(word, candidate.type, candidate.path, candidate.everywhere))
    return sorted(chosen, key=lambda r: (not r.everywhere, get_args(Type).index(r.type)))


def _candidates(matcher: Matcher, before: Matcher | None, brave: str) -> list[_Candidate]:
    """Return a candidate for each possible rule and type, with the number of lists it matches."""
    wanted = {(kind, everywhere) for everywhere, types in SLOTS for kind in types}
    made: dict[tuple[Type, str], _Candidate] = {}
    for rule in matcher.index.blocking():
        for kind in get_args(Type):
            path = path_for(rule.pattern, kind) if rule.acts(KINDS[kind], "news.example") else None
            if path is None or (kind, path) in made:
                continue
            url = sample_urls(path)[0]
            hit = {label for label, lists in matcher.alone.items() if lists.hits(url, PAGE, kind)}
            past = before.alone.values() if before else ()
            older = sum(lists.hits(url, PAGE, kind) for lists in past)
            # A bait for Brave's list alone would be missed by all other blockers.
            lives = hit - {brave} and (older or not before)
            if lives and (kind, brave in hit) in wanted:
                made[kind, path] = _Candidate(
                    kind, path, brave in hit, len(hit), older, rule.pattern
                )
    return list(made.values())


def _elements(matcher: Matcher, before: Matcher | None) -> list[str]:
    """Choose the classes that most lists hide and none exempts, the short ones first."""
    names = [name for name in matcher.index.hidden() if is_class(name)]
    names = [name for name in names if not matcher.index.element(name).spared]
    names = [name for name in names if not (before and before.index.element(name).spared)]
    bare = [name[1:] for name in names]
    together = set(matcher.together.hides(bare))
    now = Counter(name for lists in matcher.alone.values() for name in lists.hides(bare))
    past: Counter[str] = Counter()
    if before:
        past.update(name for lists in before.alone.values() for name in lists.hides(bare))
    on_sites = matcher.index.on_sites
    good = [name for name in names if name in together and (not before or past[name])]
    good.sort(key=lambda n: (-now[n], -past[n], on_sites[n] > 0, len(n), n))
    return [name[1:] for name in good[:ELEMENTS]]
