"""The check of the baits: which of them are live in some lists, and is a served name blocked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from detector.core.baits.pool import Pool, Request, shortage
from detector.filter_lists.fetch import Source
from detector.filter_lists.matcher import PAGE, Matcher
from detector.filter_lists.rule_index import Mark
from detector.filter_lists.served import Name, bait_urls, plain_names, served

# A day's selection does not know which baits are dead.
_DEAD_ALLOWED = 0.25


@dataclass(frozen=True, slots=True)
class Finding:
    """What the lists do with one bait; `request` is None for an element bait."""

    name: str
    live: bool
    hits: tuple[Mark, ...]
    spared: tuple[Mark, ...]
    request: Request | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the finding as a dict for JSON."""
        own = {"name": self.name} if self.request is None else asdict(self.request)
        marks = {"hits": self.hits, "spared": self.spared}
        return {**own, "live": self.live, **{k: [asdict(m) for m in v] for k, v in marks.items()}}


@dataclass(frozen=True, slots=True)
class Result:
    """The result of a check; `problems` is empty when all is well."""

    pool: Pool
    lists: tuple[Source, ...]
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
    urls = [bait_urls(secret, pool) for secret in secrets[:3]]
    requests = []
    for number, entry in enumerate(pool.requests):
        found = matcher.request(urls[0][number], entry.type)
        live = found.live and all(matcher.request(u[number], entry.type).live for u in urls[1:])
        spared = found.spared
        if brave and entry.everywhere:
            by = {mark.list for mark in found.hits}
            if brave not in by or (by == {brave} and len(matcher.sources) > 1):
                live, spared = False, (*spared, Mark(brave, 0, "", "absent"))
        requests.append(Finding(entry.path, live, found.hits, spared, entry))
    elements = []
    for name in pool.elements:
        found = matcher.element("." + name)
        elements.append(Finding(name, found.live, found.hits, found.spared))
    names, hit = _served(matcher, secrets, pool)
    same = _same_rule(requests)
    problems = _problems(requests, elements, same, [name for name, _ in hit])
    return Result(
        *(pool, matcher.sources, tuple(requests), tuple(elements), len(secrets)),
        *(names, hit, tuple(same), tuple(problems)),
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


def _same_rule(requests: Iterable[Finding]) -> list[tuple[str, str]]:
    """Return baits that the pool lists under different rules although one rule matches both."""
    seen: dict[str, Finding] = {}
    same: dict[tuple[str, str], None] = {}
    for finding in requests:
        for mark in finding.hits:
            first = seen.setdefault(mark.rule.partition("$")[0], finding)
            if first.request and finding.request and first.request.rule != finding.request.rule:
                same[first.request.rule, finding.request.rule] = None
    return list(same)


def _problems(
    requests: Sequence[Finding],
    elements: Sequence[Finding],
    same: Sequence[tuple[str, str]],
    hit: Sequence[Name],
) -> list[str]:
    """Return what is wrong and how to fix it."""
    merged: dict[str, str] = {}
    for one, other in same:
        merged[other] = merged.get(one, one)
    live = [
        replace(finding.request, rule=merged.get(finding.request.rule, finding.request.rule))
        for finding in requests
        if finding.live and finding.request
    ]
    lacks = []
    for what, findings in (("request", requests), ("element", elements)):
        dead = sum(not finding.live for finding in findings)
        if dead > len(findings) * _DEAD_ALLOWED:
            lacks.append(f"{dead} of {len(findings)} {what} baits are dead in these lists")
    lacks += shortage(live, [finding.name for finding in elements if finding.live]) if live else []
    problems = []
    if lacks:
        problems.append(
            "too few baits are live (" + "; ".join(lacks) + "); pick a current pool: "
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
