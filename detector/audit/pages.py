"""Which pages of a site are visited: those of a file, or of its sitemap and then of its links.

Only robots.txt and sitemaps are requested, and only those of the named site.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from detector import __version__
from detector.audit.addresses import absolute, belongs, does_something, is_file, key
from detector.audit.model import PageVisit
from detector.audit.robots import AGENT, Robots, read
from detector.audit.sitemap import Sitemap
from detector.doctor.web import AddressError, Answer, Web, checked

USER_AGENT = f"Mozilla/5.0 (compatible; {AGENT}/{__version__})"
MOST_PAGES = 10
MOST_NAMED = 1000
MOST_SITEMAPS = 20
MOST_DELAY = 10.0
_DEEPEST = 2
_REDIRECTS = 5
_MOST_BYTES = 2**20


class PagesError(ValueError):
    """There are no pages to visit; the message says why and how to fix it."""


@dataclass
class Pages:
    """The pages to visit.

    `crawl` yields further addresses from a clean visit, None if there is another source. `barred`
    were named, but robots.txt excludes them. `delay` is the number of seconds between requests of
    pages. `notes` say in sentences where the pages come from.
    """

    urls: list[str]
    most: int
    crawl: Callable[[PageVisit], Iterator[str]] | None = None
    barred: list[str] = field(default_factory=list)
    delay: float = 0.0
    notes: list[str] = field(default_factory=list)


def find(
    site: str,
    *,
    paths: Path | None = None,
    most: int | None = None,
    ignore_robots: bool = False,
    insecure: bool = False,
) -> Pages:
    """Find the pages; `insecure` accepts any certificate.

    `most` limits those that were not named, and those of a file if it is passed. Raises
    `PagesError`, and `AddressError` for the site's address.
    """
    site = checked(site)
    named = named_in(paths, site) if paths else [site]
    source = _Source(site, Web(USER_AGENT, insecure=insecure), ignore_robots)
    most = most or (len(named) if paths else MOST_PAGES)
    found = Pages([], most)
    for url in named[:most]:
        (found.urls if source.robots.allows(url) else found.barred).append(url)
    if paths:
        if len(named) > most:
            found.notes.append(f"{len(named)} pages are named, the first {most} are visited")
    else:
        source.add(found)
    if not found.urls and found.crawl is None:
        raise PagesError(_barred(site))
    wanted = source.robots.delay
    found.delay = min(wanted, MOST_DELAY)
    if wanted > MOST_DELAY:
        found.notes.append(
            f"robots.txt asks for {wanted:g} s between pages; {MOST_DELAY:g} s are used"
        )
    return found


def named_in(file: Path, site: str) -> list[str]:
    """Return the addresses in a file, one path or address per line; raise `PagesError`."""
    try:
        with file.open("rb") as opened:
            text = opened.read(_MOST_BYTES).decode("utf-8-sig")
    except OSError as error:
        raise PagesError(f"--paths {file}: cannot be read ({error.strerror})") from None
    except UnicodeDecodeError as error:
        at = error.object[: error.start].count(b"\n") + 1
        raise PagesError(f"--paths {file}: line {at} is not UTF-8 text") from None
    found: dict[tuple[str, int, str, str], str] = {}
    for number, whole in enumerate(text.splitlines(), 1):
        line = whole.partition(" #")[0].strip()
        if line and not line.startswith("#"):
            url = _named(line, site, f"--paths {file}: line {number}")
            found.setdefault(key(url), url)
    if not found:
        raise PagesError(f"--paths {file}: names no page; write one path or address per line")
    if len(found) > MOST_NAMED:
        raise PagesError(f"--paths {file}: names {len(found)} pages; the limit is {MOST_NAMED}")
    return list(found.values())


def _named(line: str, site: str, where: str) -> str:
    try:
        url = checked(urljoin(site, line))
    except (AddressError, ValueError) as error:
        raise PagesError(f"{where}: {error}") from None
    if not belongs(url, site):
        host = urlsplit(site).netloc
        raise PagesError(f"{where}: {url} is not on {host}; audit each site on its own")
    return url


def _barred(site: str) -> str:
    return (
        f"robots.txt of {urlsplit(site).netloc} asks {AGENT} to stay away from every page that was "
        "named; --ignore-robots visits them anyway"
    )


class _Source:
    """What a site says about its pages: robots.txt, sitemaps, and the links of visited pages."""

    def __init__(self, site: str, web: Web, ignore_robots: bool) -> None:
        self._site = site
        self._web = web
        self._seen: set[tuple[str, int, str, str]] = set()
        self.robots = self._robots(ignore_robots)

    def add(self, found: Pages) -> None:
        """Add the pages of a sitemap, and follow links if there is room for more."""
        self._seen = {key(url) for url in [*found.urls, *found.barred]}
        told = [absolute(one, self._site, self._site) for one in self.robots.sitemaps]
        starts = [one for one in told if one]
        room = found.most - len(found.urls)
        pages = list(islice(self._of_sitemaps(starts, found.notes), room))
        found.urls += pages
        if len(found.urls) < found.most:
            found.crawl = self._links if found.urls else None
        elif pages:
            found.notes.append(f"the first {found.most} of the site's pages are visited")

    def _robots(self, ignore: bool) -> Robots:
        answer = self._get(urljoin(self._site, "/robots.txt"))
        if answer.status >= 500 and not ignore:
            raise PagesError(
                f"{answer.url} answers {answer.status}, and robots must then stay away (RFC 9309): "
                "fix that, or use --ignore-robots"
            )
        robots = read(answer.body) if answer.status == 200 else Robots()
        return Robots(sitemaps=robots.sitemaps) if ignore else robots

    def _get(self, url: str) -> Answer:
        """Request an address, following redirects that do not leave the site."""
        answer = self._web.get(url)
        for _ in range(_REDIRECTS):
            goal = absolute(answer.goal, url, self._site) if answer.goal else ""
            if not goal:
                break
            answer = self._web.get(goal)
        return answer

    def _of_sitemaps(self, told: list[str], notes: list[str]) -> Iterator[str]:
        """Yield the pages of sitemaps, and of those that they name; broken ones get a note."""
        usual = urljoin(self._site, "/sitemap.xml")
        waiting = deque((url, 0) for url in dict.fromkeys(told or [usual]))
        known = {url for url, _ in waiting}
        for _ in range(MOST_SITEMAPS):
            if not waiting:
                return
            url, depth = waiting.popleft()
            answer = self._get(url)
            # Nothing said that there is one at the default place.
            if not told and url == usual and (answer.status != 200 or answer.type == "text/html"):
                return
            sitemap = _sitemap(answer, notes)
            yield from self._pages(sitemap.pages, answer.url)
            for one in sitemap.sitemaps if depth < _DEEPEST else ():
                further = absolute(one, answer.url, self._site)
                if further and further not in known:
                    known.add(further)
                    waiting.append((further, depth + 1))

    def _links(self, visit: PageVisit) -> Iterator[str]:
        """Return what a page links to, except what a robot should not request."""
        links = [one for one in visit.links if not does_something(one)]
        return self._pages(links, visit.final_url or visit.url)

    def _pages(self, addresses: list[str], base: str) -> Iterator[str]:
        for address in addresses:
            url = absolute(address, base, self._site)
            if url and key(url) not in self._seen and not is_file(url) and self.robots.allows(url):
                self._seen.add(key(url))
                yield url


def _sitemap(answer: Answer, notes: list[str]) -> Sitemap:
    """Parse an answered sitemap as far as possible, and note what is wrong with it."""
    why = answer.failed or ("" if answer.status == 200 else f"answers {answer.status}")
    found = Sitemap(b"" if why else answer.body)
    if why or found.wrong:
        notes.append(f"the sitemap {answer.url} {why or found.wrong}")
    return found
