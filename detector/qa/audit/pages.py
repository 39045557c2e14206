"""Which pages of a site an audit visits: those of a file, of the sitemap, and those linked to.

One site only, and what its robots.txt allows unless told otherwise. Addresses that might do
something, such as a way to log out, are never followed from a link.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import urldefrag, urljoin, urlsplit
from urllib.robotparser import RobotFileParser
from xml.etree import ElementTree

from detector.doctor.web import LIMIT, Web
from detector.qa.audit.model import Look

AGENT = "adblock-detector-audit"
MOST_SITEMAPS = 20
LONGEST_DELAY = 10.0
# What a link of this kind leads to should not be opened by a machine.
_DOES = re.compile(
    r"(?<![a-z])(log-?out|sign-?out|log-?off|delete|remove|unsubscribe|add-to-cart)(?![a-z])",
    re.IGNORECASE,
)
_NO_PAGE = re.compile(
    r"\.(?:jpe?g|png|gif|webp|avif|svg|ico|css|js|mjs|json|xml|rss|atom|pdf|zip|gz|mp[34]|webm|"
    r"woff2?|ttf|txt)$",
    re.IGNORECASE,
)


class PagesError(ValueError):
    """The pages cannot be found; the text names the option or file and says how to mend it."""


def checked(url: str) -> str:
    """Give a start address as it is asked for; PagesError for what is none."""
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        good = False
    if not good:
        raise PagesError(f"{url!r} is no address of a site: give one such as https://site.example/")
    return urldefrag(url).url if parts.path else f"{urldefrag(url).url}/"


def from_file(file: Path, site: str) -> list[str]:
    """Give the pages that a file names, a path or an address on each line; # begins a comment."""
    try:
        lines = file.read_text("utf-8").splitlines()
    except (OSError, UnicodeError) as error:
        why = getattr(error, "strerror", None) or "it is no UTF-8 text"
        raise PagesError(f"--paths {file}: cannot be read ({why})") from error
    found = []
    for number, line in enumerate(lines, 1):
        text = line.partition(" #")[0].strip()
        if not text or text.startswith("#"):
            continue
        if not text.startswith(("/", "http://", "https://")):
            raise PagesError(
                f"--paths {file}, line {number}: {text!r} is neither a path, such as /news, nor an "
                "address"
            )
        url = urldefrag(urljoin(site, text)).url
        if not same_origin(url, site):
            raise PagesError(
                f"--paths {file}, line {number}: {text} is not on {_origin(site)}, which is audited"
            )
        found.append(url)
    if not found:
        raise PagesError(f"--paths {file}: it names no page; write one path on each line")
    return list(dict.fromkeys(found))


def same_origin(url: str, site: str) -> bool:
    """Say whether two addresses have scheme, host and port in common."""
    return _origin(url) == _origin(site)


class Finder:
    """Finds pages of one site, with what its robots.txt says."""

    def __init__(self, site: str, web: Web, *, ignore_robots: bool = False) -> None:
        """Ask for robots.txt once; a site without one allows all."""
        self._site = site
        self._web = web
        self._robots = RobotFileParser()
        answer = web.get(urljoin(site, "/robots.txt"))
        known = answer.status == 200 and answer.type in ("text/plain", "")
        text = answer.body.decode("utf-8", "replace") if known else ""
        self._maps = [line for line in _sitemaps(text) if same_origin(line, site)]
        self._robots.parse([] if ignore_robots else text.splitlines())
        if not self.allows(site):
            raise PagesError(
                f"{_origin(site)}/robots.txt asks machines not to open {urlsplit(site).path}: give "
                "a page that it allows, or --ignore-robots where the site is yours"
            )

    @property
    def delay(self) -> float:
        """The seconds that the site wants between two pages, 10 at most."""
        wanted = self._robots.crawl_delay(AGENT)
        return min(float(wanted), LONGEST_DELAY) if wanted else 0.0

    def allows(self, url: str) -> bool:
        """Say whether robots.txt lets a machine of this name open a page."""
        return self._robots.can_fetch(AGENT, url)

    def first(self, most: int) -> list[str]:
        """Give the start page and those of the sitemap, so many at most."""
        found = {self._site: True}
        for url in self._mapped():
            if len(found) >= most:
                break
            if self._is_page(url):
                found[url] = True
        return list(found)

    def links(self, look: Look) -> Iterator[str]:
        """Give the pages that a look found links to."""
        for href in look.links:
            url = urldefrag(href).url
            if self._is_page(url):
                yield url

    def _is_page(self, url: str) -> bool:
        path = urlsplit(url).path
        usual = not _NO_PAGE.search(path) and not _DOES.search(url)
        return usual and same_origin(url, self._site) and self.allows(url)

    def _mapped(self) -> Iterator[str]:
        """Give the addresses of all sitemaps, with those that an index names."""
        waiting = self._maps or [urljoin(self._site, "/sitemap.xml")]
        for at in range(MOST_SITEMAPS):
            if at >= len(waiting):
                return
            kind, places = _locations(self._web.get(waiting[at]).body)
            if kind == "sitemapindex":
                waiting += [one for one in places if same_origin(one, self._site)]
            else:
                yield from places


def _locations(data: bytes) -> tuple[str, list[str]]:
    """Read a sitemap or an index of them; what is neither names nothing."""
    if data[:2] == b"\x1f\x8b":
        try:
            data = zlib.decompressobj(wbits=31).decompress(data, LIMIT)
        except zlib.error:
            return "", []
    # A sitemap needs no document type, and one could name a text that grows without end.
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        return "", []
    try:
        root = ElementTree.fromstring(data)
    except (ElementTree.ParseError, ValueError):
        return "", []
    places = [one.text.strip() for one in root.iter() if _tag(one) == "loc" and one.text]
    return _tag(root), places


def _tag(element: ElementTree.Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _sitemaps(robots: str) -> Iterable[str]:
    for line in robots.splitlines():
        name, _, value = line.partition(":")
        if name.strip().lower() == "sitemap":
            yield value.strip()


def _origin(url: str) -> str:
    try:
        parts = urlsplit(url)
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)
    except ValueError:
        return ""
    usual = {"http": 80, "https": 443}.get(parts.scheme) == port
    return f"{parts.scheme}://{(parts.hostname or '').lower()}{'' if usual else f':{port}'}"
