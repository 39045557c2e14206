"""The check of the baits: do blockers with these lists act on them, is a served name blocked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any

from detector.core.baits.pool import Pool, Request
from detector.filter_lists.blockers import Blocker, blockers
from detector.filter_lists.fetch import Source
from detector.filter_lists.matcher import PAGE, Matcher
from detector.filter_lists.odds import Odds, SiteDays, live
from detector.filter_lists.rule_index import Mark
from detector.filter_lists.served import Name, bait_urls, plain_names, served

# On so many days two families must be missing, for one blocker in 20 at most to be missed.
GOOD = 0.95


@dataclass(frozen=True, slots=True)
class Finding:
    """What the lists do with one bait; `request` is None for an element bait.

    `dead_in` are the blockers that should act on it and do not.
    """

    name: str
    dead_in: tuple[str, ...]
    hits: tuple[Mark, ...]
    spared: tuple[Mark, ...]
    request: Request | None = None

    @property
    def live(self) -> bool:
        """Whether every blocker that should act on it does."""
        return not self.dead_in

    def as_dict(self) -> dict[str, Any]:
        """Return the finding as a dict for JSON."""
        own = {"name": self.name} if self.request is None else self.request._asdict()
        marks = {"hits": self.hits, "spared": self.spared}
        lists = {key: [asdict(mark) for mark in value] for key, value in marks.items()}
        return {**own, "live": self.live, "dead_in": [*self.dead_in], **lists}


@dataclass(frozen=True, slots=True)
class Chance:
    """How likely one blocker is found on a random day."""

    blocker: Blocker
    odds: Odds

    @property
    def lacks(self) -> list[str]:
        """Return what is too unlikely; in Brave's standard mode requests alone count."""
        judged = {"requests": self.odds.requests, "elements": self.odds.elements}
        if self.blocker.standard:
            del judged["elements"]
        return [
            f"{self.blocker.name} is found by {family} alone on {share:.1%} of days, "
            f"and {GOOD:.0%} are needed"
            for family, share in judged.items()
            if share < GOOD
        ]

    def as_dict(self) -> dict[str, Any]:
        """Return the chance as a dict for JSON."""
        lists = [source.label for source in self.blocker.sources]
        return {"blocker": self.blocker.name, "lists": lists, **asdict(self.odds)}


@dataclass(frozen=True, slots=True)
class Result:
    """The result of a check; `problems` is empty when all is well."""

    pool: Pool
    lists: tuple[Source, ...]
    chances: tuple[Chance, ...]
    requests: tuple[Finding, ...]
    elements: tuple[Finding, ...]
    secrets: int
    names: int
    served: tuple[tuple[Name, tuple[Mark, ...]], ...]
    same_rule: tuple[tuple[str, str], ...]
    problems: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return the result as a dict for JSON."""
        return {
            "ok": not self.problems,
            "problems": list(self.problems),
            "date": self.pool.date,
            "lists": [
                {"list": source.label, "source": source.name, "rules": source.rules}
                for source in self.lists
            ],
            "blockers": [chance.as_dict() for chance in self.chances],
            "requests": [finding.as_dict() for finding in self.requests],
            "elements": [finding.as_dict() for finding in self.elements],
            "same_rule": [list(pair) for pair in self.same_rule],
            "served": {
                "secrets": self.secrets,
                "names": self.names,
                "hit": [
                    {"name": name.text, "type": name.kind, "hits": [asdict(mark) for mark in marks]}
                    for name, marks in self.served
                ],
            },
        }


def check(matcher: Matcher, pool: Pool, secrets: Sequence[str], brave: str = "") -> Result:
    """Check a pool, and what sites with these secrets serve.

    `brave` is the label of the list that is active in Brave's standard mode too.
    """
    days = SiteDays(pool)
    acts = {one: live(matcher.only(one.sources), pool) for one in blockers(matcher.sources, brave)}
    chances = [Chance(blocker, days.odds(*both)) for blocker, both in acts.items()]
    urls = bait_urls(secrets[0], pool)
    requests = []
    for number, entry in enumerate(pool.requests):
        found = matcher.request(urls[number], entry.type)
        wanted = [one for one in acts if entry.everywhere or not one.standard]
        dead = tuple(one.name for one in wanted if number not in acts[one][0])
        requests.append(Finding(entry.path, dead, found.hits, found.spared, entry))
    elements = []
    for name in pool.elements:
        found = matcher.element("." + name)
        wanted = [one for one in acts if not one.standard]
        dead = tuple(one.name for one in wanted if name not in acts[one][1])
        elements.append(Finding(name, dead, found.hits, found.spared))
    names, hit = _served(matcher, secrets, pool)
    lacks = [*filter(None, [days.lacks()]), *(lack for one in chances for lack in one.lacks)]
    problems = _problems(lacks, [name for name, _ in hit])
    return Result(
        *(pool, matcher.sources, tuple(chances), tuple(requests), tuple(elements)),
        *(len(secrets), names, hit, tuple(_same_rule(requests)), tuple(problems)),
    )


def _served(
    matcher: Matcher, secrets: Sequence[str], pool: Pool
) -> tuple[int, tuple[tuple[Name, tuple[Mark, ...]], ...]]:
    """Count the served names; return the count and those that a list matches, with the lines."""
    count = 0
    hit: list[tuple[Name, tuple[Mark, ...]]] = []
    for secret in secrets:
        for name in served(secret, pool):
            count += 1
            if matcher.together.hits(name.text, PAGE, name.kind):
                hit.append((name, matcher.request(name.text, name.kind).hits))
    words = plain_names(secrets)
    for selector in matcher.together.hides(words, words):
        found = matcher.index.element(selector) if re.fullmatch(r"[.#][\w-]+", selector) else None
        if found is None or found.live:
            marks = found.hits if found else (matcher.locate("##" + selector, matcher.sources),)
            hit.append((Name(selector, "element"), marks))
    return count + len(words), tuple(hit)


def _same_rule(requests: Sequence[Finding]) -> list[tuple[str, str]]:
    """Return the paths of baits that one rule blocks although a day may have both."""
    patterns = [{mark.rule.partition("$")[0] for mark in finding.hits} for finding in requests]
    return [
        (one.name, other.name)
        for (one, first), (other, second) in combinations(zip(requests, patterns, strict=True), 2)
        if first & second and _may_meet(one.request, other.request)
    ]


def _may_meet(one: Request | None, other: Request | None) -> bool:
    return one is not None and other is not None and one.marks.isdisjoint(other.marks)


def _problems(lacks: Sequence[str], hit: Sequence[Name]) -> list[str]:
    """Return what is wrong and how to fix it."""
    problems = []
    if lacks:
        problems.append(
            "blockers would be missed (" + "; ".join(lacks) + "); pick a current pool: "
            "detector baits pick LIST... --brave LIST --out baits.json, "
            "then set the option baits_file (DETECTOR_BAITS_FILE) to baits.json"
        )
    if hit:
        problems.append(
            f"{len(hit)} served names are blocked by mistake, the first is {hit[0].text}; if it is "
            "your site's, set another secret and keep this one in previous_secrets; "
            "otherwise check the rule and report it to adblock-detector"
        )
    return problems
