"""What the engines are asked: addresses from files, addresses made from rules, the pool of baits.

None of it is recorded traffic. Addresses that stand in files, such as documentation, are real but
rarely of ads; those made from rules say how an engine reads the rules, not how often they matter.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

from detector.core.baits import pool
from detector.filter_lists.engine import KINDS
from detector.filter_lists.rules import Network, network

Request = tuple[str, str, str]
PAGE = "https://news.example/"
_ADDRESS = re.compile(
    r"https?://[a-z0-9-]+(?:\.[a-z0-9-]+)+/[\w./%~+-]*\.(?:m?js|css|png|gif|jpe?g|svg|webp|json|html?)"
    r"(?:\?[\w=&.%~-]*)?\b",
    re.I,
)
_TYPES = {
    **dict.fromkeys(("js", "mjs"), "script"),
    **dict.fromkeys(("png", "gif", "jpg", "jpeg", "svg", "webp"), "image"),
    **{"css": "stylesheet", "json": "xmlhttprequest", "htm": "subdocument", "html": "subdocument"},
}
_NAMES = (".md", ".html", ".htm", ".js", ".css", ".txt", ".json", ".py", ".rst")
_LARGEST = 2_000_000
_KNOWN = {"script", "image", "stylesheet", "xmlhttprequest", "subdocument", "media", "font"}


def in_files(folders: Iterable[Path]) -> list[Request]:
    """Return the addresses in the texts below some folders, with the type of their ending."""
    found: dict[str, str] = {}
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.suffix.lower() not in _NAMES or path.is_symlink() or not path.is_file():
                continue
            if path.stat().st_size <= _LARGEST:
                for match in _ADDRESS.finditer(path.read_text("utf-8", "ignore")):
                    ending = match[0].partition("?")[0].rpartition(".")[2].lower()
                    found[match[0]] = _TYPES[ending]
    return [(url, PAGE, kind) for url, kind in sorted(found.items())]


def from_rules(lines: Iterable[str]) -> Iterator[Request]:
    """Yield an address for each rule about requests from whose pattern one can be made."""
    for line in lines:
        text = line.strip()
        if not text or text[0] in "![#" or "##" in text or "#@" in text or "#?" in text:
            continue
        rule = network(1, text)
        if isinstance(rule, Network) and not rule.options.inert and (made := _made(rule)):
            yield made


def _made(rule: Network) -> Request | None:
    has, pattern = rule.options, rule.pattern
    is_regex = len(pattern) > 2 and pattern[0] == pattern[-1] == "/"
    if is_regex or not re.fullmatch(r"[\x21-\x7e]+", pattern):
        return None
    middle = pattern.lstrip("*|").removesuffix("|").replace("*", "x").replace("^", "/")
    if not middle or "|" in middle:
        return None
    if pattern.startswith("||"):
        url = f"https://{middle}"
    elif middle.startswith(("http:", "https:")):
        url = middle
    elif middle.startswith("://"):
        url = f"https{middle}"
    else:
        start = "" if middle[0] == "/" else "/a" if middle[0] in "?&.-_=" else "/a/"
        url = f"https://cdn.example{start}{middle}"
    if not re.match(r"https?://[a-z0-9.-]+\.[a-z0-9-]+(?:[:/?]|$)", url, re.I):
        return None
    wanted = sorted((has.types or _KNOWN) & _KNOWN - has.not_types)
    if not wanted:
        return None
    hosts = [one for one in has.domains if not one.startswith("~") and "*" not in one]
    page = f"https://{hosts[0]}/" if hosts else PAGE
    if has.party == "first":
        page = f"https://{urlsplit(url).hostname}/"
    return url, page, "script" if "script" in wanted else wanted[0]


def sample(found: list[Request], made: list[Request], count: int) -> dict[str, list[Request]]:
    """Return requests of three sorts, the same each time, about `count` together.

    `files` are found ones, at most a third; `rules` are made; `varied` too, but on the page and of
    the type of some other rule, which an engine has to tell apart.
    """
    chance = random.Random(1)
    files = chance.sample(found, min(len(found), count // 3))
    each = min(len(made), (count - len(files)) // 2)
    others = chance.sample(made, each)
    pages = [one[1] for one in chance.sample(made, each)]
    kinds = chance.choices(sorted(_KNOWN), k=each)
    varied = [(one[0], page, kind) for one, page, kind in zip(others, pages, kinds, strict=True)]
    return {"files": files, "rules": chance.sample(made, each), "varied": varied}


def of_the_pool() -> tuple[list[Request], list[str]]:
    """Return the requests and the classes of all baits, on a page of a site."""
    found = pool.load()
    asked = [
        (f"{PAGE}x/{one.path.replace('{w}', 'news')}", PAGE, KINDS[one.type])
        for one in found.requests
    ]
    return asked, list(found.elements)
