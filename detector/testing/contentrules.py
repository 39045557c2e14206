"""Converts the generic part of a filter list to a content blocker's rules, as Safari's blockers do.

Not the whole syntax: plain patterns with request types, and hiding by one selector; everything else
in a list is omitted. Rules that name a host are kept only for the requested hosts, because a list
names fifty thousand and a browser compiles its rules at every start.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from detector.testing import filterlines

Rule = dict[str, Any]

# Their types are named as in lists, except for these; frames are a rule of their own.
TYPES = {name: name for name in filterlines.TYPES if name != "object"} | {
    "stylesheet": "style-sheet",
    "xmlhttprequest": "fetch",
    "subdocument": "",
}
SELECTORS_PER_RULE = 500
_SELECTOR = re.compile(r"##([.#][A-Za-z_][\w-]*)$")
_HOST = re.compile(r"\|\|([a-z0-9.-]+)\^?$")


def content_rules(lines: Iterable[str], hosts: Iterable[str] = ()) -> list[Rule]:
    """Return the rules in the JSON form of content blockers; `hosts` are those to block as well."""
    wanted = {parent for host in hosts for parent in _parents(host)}
    rules: list[Rule] = []
    selectors: list[str] = []
    for line in lines:
        line = line.strip()
        if hit := _SELECTOR.match(line):
            selectors.append(hit[1])
        elif line and not line.startswith(("!", "[", "@@")) and "#" not in line:
            rules.extend(_block_rules(line, wanted))
    for start in range(0, len(selectors), SELECTORS_PER_RULE):
        selector = ", ".join(selectors[start : start + SELECTORS_PER_RULE])
        action = {"type": "css-display-none", "selector": selector}
        rules.append({"trigger": {"url-filter": ".*"}, "action": action})
    return rules


def _parents(host: str) -> Iterator[str]:
    labels = host.removeprefix("*.").split(".")
    for first in range(len(labels) - 1):
        yield ".".join(labels[first:])


def _block_rules(line: str, wanted: set[str]) -> Iterator[Rule]:
    found = filterlines.read_line(line, TYPES)
    if found is None:
        return
    if found.pattern.startswith("||"):
        host = _HOST.match(found.pattern)
        if host is None or host[1] not in wanted:
            return
    trigger: Rule = {"url-filter": url_filter(found.pattern)}
    if found.third_party is not None:
        trigger["load-type"] = ["third-party" if found.third_party else "first-party"]
    # Content blockers accept either list, not both; the positive one says where a rule acts at all.
    if found.domains:
        trigger["if-domain"] = ["*" + name for name in found.domains]
    elif found.not_domains:
        trigger["unless-domain"] = ["*" + name for name in found.not_domains]
    yield from _by_type(trigger, found.types)


def _by_type(trigger: Rule, types: frozenset[str]) -> Iterator[Rule]:
    block = {"type": "block"}
    if plain := sorted(TYPES[name] for name in types if TYPES[name]):
        yield {"trigger": {**trigger, "resource-type": plain}, "action": block}
    if "subdocument" in types:
        frame = {"resource-type": ["document"], "load-context": ["child-frame"]}
        yield {"trigger": {**trigger, **frame}, "action": block}


def url_filter(pattern: str) -> str:
    """Convert a filter list's pattern to a content blocker's regular expression."""
    start = ""
    if pattern.startswith("||"):
        start, pattern = "^[^:]+://([^/]+\\.)?", pattern[2:]
    elif pattern.startswith("|"):
        start, pattern = "^", pattern[1:]
    end = "$" if pattern.endswith("|") else ""
    pattern = pattern.removesuffix("|").strip("*")
    special = {"*": ".*", "^": "[^a-zA-Z0-9_.%-]"}
    return start + "".join(special.get(c) or re.sub(r"([^\w])", r"\\\1", c) for c in pattern) + end
