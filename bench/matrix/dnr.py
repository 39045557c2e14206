"""Converts the plain part of a filter list to declarativeNetRequest rules and a style sheet.

Not the whole syntax: patterns with request types, parties and domains, their exceptions, and hiding
by one generic selector. Other lines are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from detector.testing import filterlines

Rule = dict[str, Any]

# The same names as in lists, except for frames.
TYPES = {name: name for name in filterlines.TYPES} | {"subdocument": "sub_frame"}
_SELECTOR = re.compile(r"##([^+:^].*)$")
_PROCEDURAL = re.compile(r":(?:-abp-|has-text|matches-|xpath|style|remove|upward|min-text)|script:")
GROUP = 1000


def dnr_rules(lines: Iterable[str]) -> list[Rule]:
    """Return the list's blocking rules and their exceptions."""
    rules: list[Rule] = []
    for line in lines:
        line = line.strip()
        if not line or line.startswith(("!", "[")) or "##" in line or "#@" in line or "#?" in line:
            continue
        if made := _rule(line):
            rules.append({"id": len(rules) + 1, **made})
    return rules


def _rule(line: str) -> Rule | None:
    allow = line.startswith("@@")
    found = filterlines.read_line(line.removeprefix("@@"))
    if found is None or not found.types or not found.pattern.isascii():
        return None
    if any("*" in name for name in (*found.domains, *found.not_domains)):
        return None
    condition: Rule = {"urlFilter": found.pattern.strip("*") or "*"}
    if found.third_party is not None:
        condition["domainType"] = "thirdParty" if found.third_party else "firstParty"
    if found.domains:
        condition["initiatorDomains"] = list(found.domains)
    if found.not_domains:
        condition["excludedInitiatorDomains"] = list(found.not_domains)
    condition["resourceTypes"] = sorted(TYPES[name] for name in found.types)
    action = {"type": "allow" if allow else "block"}
    return {"priority": 2 if allow else 1, "action": action, "condition": condition}


def style_sheet(lines: Iterable[str]) -> str:
    """Return the list's generic hiding as a style sheet, in groups that fail one by one."""
    found = [
        match[1]
        for line in lines
        if line.startswith("##")
        and (match := _SELECTOR.match(line.strip()))
        and not _PROCEDURAL.search(match[1])
    ]
    # `:is` ignores a selector that the browser does not support.
    return "".join(
        f":is({','.join(found[start : start + GROUP])}){{display:none!important}}\n"
        for start in range(0, len(found), GROUP)
    )
