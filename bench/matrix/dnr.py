"""Turns the plain part of a filter list into declarativeNetRequest rules and a style sheet.

Not the whole syntax: patterns with request types, parties and domains, their exceptions, and hiding
by one generic selector. What else a list holds is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

Rule = dict[str, Any]

TYPES = {
    "script": "script",
    "image": "image",
    "stylesheet": "stylesheet",
    "xmlhttprequest": "xmlhttprequest",
    "subdocument": "sub_frame",
    "media": "media",
    "font": "font",
    "ping": "ping",
    "websocket": "websocket",
    "object": "object",
    "other": "other",
}
_OPTIONS = re.compile(r"\$((?:~?[a-z-]+(?:=[^,]*)?)(?:,~?[a-z-]+(?:=[^,]*)?)*)$")
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
    line = line.removeprefix("@@")
    options = _OPTIONS.search(line)
    pattern = line[: options.start()] if options else line
    if pattern.startswith("/") and pattern.endswith("/") and len(pattern) > 1:
        return None
    if len(pattern.strip("*|^")) < 4 or not pattern.isascii():
        return None
    condition: Rule = {"urlFilter": pattern.strip("*") or "*"}
    types: list[str] = []
    for option in options[1].split(",") if options else ():
        name, _, value = option.partition("=")
        if name.removeprefix("~") in TYPES:
            (types if not name.startswith("~") else condition.setdefault("-", [])).append(
                TYPES[name.removeprefix("~")]
            )
        elif name in ("third-party", "~third-party"):
            condition["domainType"] = "firstParty" if name.startswith("~") else "thirdParty"
        elif name == "domain":
            names = value.split("|")
            if positive := [n for n in names if not n.startswith("~")]:
                condition["initiatorDomains"] = positive
            if negative := [n[1:] for n in names if n.startswith("~")]:
                condition["excludedInitiatorDomains"] = negative
        else:
            return None
    refused = condition.pop("-", [])
    condition["resourceTypes"] = sorted(set(types or TYPES.values()) - set(refused))
    if not condition["resourceTypes"] or any("*" in d for d in _domains(condition)):
        return None
    action = {"type": "allow" if allow else "block"}
    return {"priority": 2 if allow else 1, "action": action, "condition": condition}


def _domains(condition: Rule) -> list[str]:
    return [
        *condition.get("initiatorDomains", ()),
        *condition.get("excludedInitiatorDomains", ()),
    ]


def style_sheet(lines: Iterable[str]) -> str:
    """Return the list's generic hiding as a style sheet, in groups that fail one by one."""
    found = [
        match[1]
        for line in lines
        if line.startswith("##")
        and (match := _SELECTOR.match(line.strip()))
        and not _PROCEDURAL.search(match[1])
    ]
    # `:is` forgives a selector that the browser does not know.
    return "".join(
        f":is({','.join(found[start : start + GROUP])}){{display:none!important}}\n"
        for start in range(0, len(found), GROUP)
    )
