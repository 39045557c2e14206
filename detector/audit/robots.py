"""Parses robots.txt as RFC 9309 specifies.

The standard library's parser does not support `*` and `$` in paths, and uses the first matching
line instead of the longest.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

AGENT = "adblock-detector-audit"
# The minimum that RFC 9309 requires every robot to read.
MOST_BYTES = 512 * 1024
_KEEP = "/?%:@!$&'()*+,;=~-._"


@dataclass
class Robots:
    """What a site asks of us: `rules` are (path pattern, allowed), `delay` is in seconds."""

    rules: list[tuple[str, bool]] = field(default_factory=list)
    delay: float = 0.0
    sitemaps: list[str] = field(default_factory=list)

    def allows(self, url: str) -> bool:
        """Whether an address may be requested: the longest matching rule decides."""
        parts = urlsplit(url)
        path = quote(parts.path or "/", safe=_KEEP) + (f"?{parts.query}" if parts.query else "")
        fitting = [(len(rule), allowed) for rule, allowed in self.rules if _fits(rule, path)]
        # Of rules of equal length the one that allows wins: True > False.
        return max(fitting)[1] if fitting else True


def read(body: bytes, agent: str = AGENT) -> Robots:
    """Return what a robots.txt asks of one robot, or, if it does not name it, of all."""
    groups: dict[str, Robots] = {}
    found = Robots()
    current: list[Robots] = []
    names = False
    for line in body[:MOST_BYTES].decode("utf-8-sig", "replace").splitlines():
        key, _, value = (part.strip() for part in line.partition("#")[0].partition(":"))
        key = key.lower()
        if key == "user-agent":
            # Consecutive names share the rules after them.
            current = current if names else []
            current.append(groups.setdefault(value.lower().partition("/")[0], Robots()))
        elif key == "sitemap":
            found.sitemaps.append(value)
            continue
        elif key:
            for group in current:
                _add(group, key, value)
        names = key == "user-agent" or (names and not key)
    group = groups.get(agent.lower(), groups.get("*", Robots()))
    found.rules, found.delay = group.rules, group.delay
    return found


def _add(group: Robots, key: str, value: str) -> None:
    if key in ("allow", "disallow") and value:
        group.rules.append((quote(value, safe=_KEEP), key == "allow"))
    elif key == "crawl-delay" and value.replace(".", "", 1).isdecimal():
        group.delay = float(value)


def _fits(rule: str, path: str) -> bool:
    """Match a pattern piece by piece: no pattern can make this slow."""
    ends = rule.endswith("$")
    first, *rest = rule.removesuffix("$").split("*")
    if not path.startswith(first):
        return False
    at = len(first)
    for number, piece in enumerate(rest):
        if ends and number == len(rest) - 1:
            return len(path) - len(piece) >= at and path.endswith(piece)
        found = path.find(piece, at)
        if found < 0:
            return False
        at = found + len(piece)
    return not ends or at == len(path)
