"""Parses one line of a filter list, as far as it may act on a first-party name of any site.

Rules that are bound to other sites, or that do not block or hide by class, are only classified.
What the options mean: https://help.adblockplus.org/hc/en-us/articles/360062733293,
https://github.com/gorhill/uBlock/wiki/Static-filter-syntax,
https://adguard.com/kb/general/ad-filtering/create-own-filters/
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum, auto
from functools import lru_cache


class Line(Enum):
    """What a line is if it cannot act on a name of ours."""

    COMMENT = auto()
    OTHER = auto()
    BROKEN = auto()


@dataclass(frozen=True, slots=True)
class Options:
    """The options of a network rule; types by the engine's names, `party` is third, first or ""."""

    types: frozenset[str] = frozenset()
    not_types: frozenset[str] = frozenset()
    party: str = ""
    domains: tuple[str, ...] = ()
    to: tuple[str, ...] = ()
    important: bool = False
    match_case: bool = False
    badfilter: bool = False
    stub: bool = False
    stub_only: bool = False
    spares_elements: bool = False
    inert: bool = False


@dataclass(frozen=True, slots=True)
class Network:
    """A rule about requests; `key` is equal for rules that differ in `badfilter` alone."""

    line: int
    text: str
    exception: bool
    pattern: str
    options: Options
    key: tuple[bool, str, frozenset[str]] = field(repr=False)

    @property
    def literal(self) -> str:
        """Return the longest text contained in every URL that matches, in lower case."""
        if _is_regex(self.pattern):
            return ""
        return max(re.split(r"[*^|]", self.pattern.lower()), key=len)

    def fits(self, url: str) -> bool:
        """Whether the pattern matches a URL, regardless of the options."""
        compiled = _compiled(self.pattern, self.options.match_case)
        return compiled is not None and compiled.search(url) is not None

    def acts(self, kind: str, host: str) -> bool:
        """Whether the options allow a first-party request of this type at this host."""
        return self.applies(kind, host, host, third=False)

    def applies(self, kind: str, page: str, host: str, *, third: bool) -> bool:
        """Whether the options allow a request of this type from a page's host to a host."""
        has = self.options
        if has.inert or has.party == ("first" if third else "third"):
            return False
        if (has.types and kind not in has.types) or kind in has.not_types:
            return False
        return _allows(has.domains, page) and _allows(has.to, host)


@dataclass(frozen=True, slots=True)
class Hide:
    """A rule `##.class`, `##.class:not(…)` or its exception; `name` has its dot or number sign.

    `excludes` is what it exempts: a bait-aware rule ignores elements that look like a known bait.
    """

    line: int
    text: str
    exception: bool
    generic: bool
    name: str
    excludes: str


_TYPES = {
    "script": "script",
    "image": "image",
    "xmlhttprequest": "xmlhttprequest",
    "xhr": "xmlhttprequest",
    "stylesheet": "stylesheet",
    "css": "stylesheet",
    "subdocument": "subdocument",
    "frame": "subdocument",
    "ping": "ping",
    "beacon": "ping",
    **{name: name for name in ("other", "font", "media", "object", "websocket", "webrtc")},
    **{"document": "document", "doc": "document", "popup": "popup", "popunder": "popup"},
    **{"inline-script": "inline", "inline-font": "inline", "object-subrequest": "object"},
}
_PARTY = {
    **{"third-party": "third", "3p": "third", "strict3p": "third"},
    **{"first-party": "first", "1p": "first", "strict1p": "first"},
}
_SPARES = {"generichide", "ghide", "elemhide", "ehide", "document", "doc"}
# Options of exceptions that exempt something other than a request.
_BESIDE = {"specifichide", "shide", "genericblock", "urlblock", "content", "extension", "jsinject"}
_COSMETIC = re.compile(r"(#@?(?:\$\?|[?$%])?#|\$@?\$)(?=\S)")
_HOSTS = re.compile(r"[\w.,~*>-]*")
_OPTION = r"~?[a-z0-9_-]+(?:=(?:[^,\\]|\\.)*)?"
_OPTIONS = re.compile(rf"\$({_OPTION}(?:,{_OPTION})*)$")
_NAME = re.compile(r"([.#][A-Za-z_][\w-]*)((?::not\(.*\))*)", re.ASCII)
_ADDRESS = re.compile(r"(?:0\.0\.0\.0|127\.\d+\.\d+\.\d+|::1?|fe80::1%lo0)\s+[\w.-]+(?:\s.*)?")


def parse(number: int, line: str) -> Network | Hide | Line:
    """Parse the line with this number, from 1."""
    text = line.strip()
    if not text or text[0] == "!" or text.startswith(("# ", "[Adblock", "[uBlock", "[AdGuard")):
        return Line.COMMENT
    if text == "#" or (text[0] == "#" and not _COSMETIC.match(text)):
        return Line.COMMENT
    if text.startswith("||"):
        return Line.OTHER if " " not in text.partition("$")[0] else Line.BROKEN
    if text.startswith("[$") or _ADDRESS.fullmatch(text):
        return Line.OTHER
    if mark := _COSMETIC.search(text):
        hosts = text[: mark.start()]
        if _HOSTS.fullmatch(hosts):
            return _hide(number, text, hosts, mark)
        if hosts.startswith("/") and "#" in mark[0]:
            return Line.OTHER  # sites given by a regular expression
    return network(number, text)


def _hide(number: int, text: str, hosts: str, mark: re.Match[str]) -> Hide | Line:
    exception = mark[0] == "#@#"
    generic = all(host.startswith("~") or host in ("", "*") for host in hosts.split(","))
    found = _NAME.fullmatch(text[mark.end() :])
    if not found or mark[0] not in ("##", "#@#") or not (generic or exception):
        return Line.OTHER
    return Hide(number, text, exception, generic, found[1], found[2])


def network(number: int, text: str) -> Network | Line:
    """Parse a rule about requests, those that are bound to hosts by || too."""
    exception = text.startswith("@@")
    pattern = text[2:] if exception else text
    given: list[str] = []
    if found := _OPTIONS.search(pattern):
        given = re.split(r"(?<!\\),", found[1])
        pattern = pattern[: found.start()]
    if not pattern and not given:
        return Line.BROKEN
    if not _is_regex(pattern) and re.search(r"[\s<>{}\"\\]|^[\[\]]", pattern):
        return Line.BROKEN
    key = (exception, pattern, frozenset(given) - {"badfilter"})
    return Network(number, text, exception, pattern, _options(given, exception), key)


def _options(given: list[str], exception: bool) -> Options:
    types: set[str] = set()
    not_types: set[str] = set()
    found: dict[str, object] = {}
    beside = False
    for option in given:
        name, _, value = option.partition("=")
        bare = name.removeprefix("~")
        if exception and name in _SPARES:
            found["spares_elements"] = beside = True
        elif exception and bare in _BESIDE:
            beside = True
        elif bare in _TYPES:
            (not_types if name.startswith("~") else types).add(_TYPES[bare])
        elif bare in _PARTY:
            third = (_PARTY[bare] == "third") != name.startswith("~")
            found["party"] = "third" if third else "first"
        elif name in ("domain", "from"):
            found["domains"] = tuple(value.lower().split("|"))
        elif name == "to":
            found["to"] = tuple(value.lower().split("|"))
        elif name in ("important", "badfilter"):
            found[name] = True
        elif name == "match-case":
            found["match_case"] = True
        elif name in ("redirect", "rewrite", "empty", "mp4"):
            found["stub"] = True
        elif name == "redirect-rule":
            found["stub"] = found["stub_only"] = True
        elif name == "method":
            found["inert"] = found.get("inert", False) or "get" not in value.lower().split("|")
        elif name not in ("all", "cname", "denyallow") and name.strip("_"):
            found["inert"] = True  # changes something else, or is unknown: blockers drop the rule
    if beside and not types:
        types.add("page")
    return Options(frozenset(types), frozenset(not_types), **found)  # type: ignore[arg-type]


def _allows(names: tuple[str, ...], host: str) -> bool:
    """Whether a list of hosts, some of them negated by ~, includes a host."""
    wanted = [name for name in names if not name.startswith("~")]
    if any(_covers(name[1:], host) for name in names if name.startswith("~")):
        return False
    return not wanted or any(_covers(name, host) for name in wanted)


def _covers(name: str, host: str) -> bool:
    if name.endswith(".*"):
        return f".{name[:-1]}" in f".{host}"
    return f".{host}".endswith(f".{name}")


def _is_regex(pattern: str) -> bool:
    return len(pattern) > 2 and pattern[0] == pattern[-1] == "/"


@lru_cache(4096)
def _compiled(pattern: str, match_case: bool) -> re.Pattern[str] | None:
    flags = 0 if match_case else re.IGNORECASE
    if _is_regex(pattern):
        try:
            return re.compile(pattern[1:-1], flags)
        except re.error:
            return None  # JavaScript's syntax has more than Python's
    start, end = "", ""
    if pattern.startswith("||"):
        start, pattern = r"^[a-z-]+://(?:[^/?#]*\.)?", pattern[2:]
    elif pattern.startswith("|"):
        start, pattern = "^", pattern[1:]
    if pattern.endswith("|"):
        end, pattern = "$", pattern[:-1]
    parts = {"*": ".*", "^": r"(?:[^\w.%-]|$)"}
    middle = "".join(parts.get(letter) or re.escape(letter) for letter in pattern.strip("*"))
    return re.compile(start + middle + end, flags | re.ASCII)
