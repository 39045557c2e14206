"""Rules that hide something and name a host of the site, which a newer list has."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from detector.filter_lists.fetch import Source
from detector.filter_lists.rule_index import Mark
from detector.list_changes.site import SitePage

_RULE = re.compile(r"([\w.,~*-]+)#(@?)#(.+)")
_NAME = re.compile(r"[.#]-?[A-Za-z_][\w-]*", re.ASCII)
_PLAIN = re.compile(r"(?:[.#]-?[A-Za-z_][\w-]*)+", re.ASCII)
_BESIDE = re.compile(r":not\([^()]*\)|\[[^\]]*\]|\"[^\"]*\"")


@dataclass(frozen=True, slots=True)
class SiteRule:
    """A rule about a host of the site, and the pages that have the names which it requires.

    `sure` means that it requires names of one element only, so it hides what has them.
    """

    mark: Mark
    pages: tuple[str, ...]
    sure: bool


def about(
    pages: Sequence[SitePage], old: Iterable[Source], new: Iterable[Source]
) -> tuple[SiteRule, ...]:
    """Return the rules that only the newer lists have about the pages' hosts."""
    by_host: dict[str, list[SitePage]] = {}
    for page in pages:
        by_host.setdefault(urlsplit(page.url).hostname or "", []).append(page)
    known = {host: _rules(old, host) for host in by_host}
    found: dict[Mark, SiteRule] = {}
    for host, theirs in by_host.items():
        for selector, mark in _rules(new, host).items():
            bare = _BESIDE.sub("", selector)
            names = frozenset(_NAME.findall(bare))
            fits = tuple(one.content.name for one in theirs if names <= one.names)
            if selector not in known[host] and fits:
                sure = _PLAIN.fullmatch(selector) is not None
                before = found[mark].pages if mark in found else ()
                found[mark] = SiteRule(mark, tuple(dict.fromkeys((*before, *fits))), sure)
    return tuple(found.values())


def _rules(sources: Iterable[Source], host: str) -> dict[str, Mark]:
    """Return the selectors of rules that name a host, but for those with an exception."""
    rules: dict[str, Mark] = {}
    spared: set[str] = set()
    labels = host.split(".")
    parents = {".".join(labels[at:]) for at in range(len(labels) - 1)} or {host}
    for source in sources:
        for number, line in enumerate(source.lines, 1):
            if "##" not in line and "#@#" not in line:
                continue
            if not (found := _RULE.fullmatch(line.strip())):
                continue
            hosts = found[1].split(",")
            if parents.isdisjoint(hosts) or any("~" + one in hosts for one in parents):
                continue
            if found[2]:
                spared.add(found[3])
            else:
                rules.setdefault(found[3], Mark(source.label, number, line.strip()))
    return {selector: mark for selector, mark in rules.items() if selector not in spared}
