"""Which pages an audit visits, found on a real server."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask, redirect, request
from werkzeug.wrappers import Response

from detector.audit import pages
from detector.audit.addresses import belongs, does_something, is_file
from detector.audit.model import PageVisit
from detector.audit.pages import PagesError, find
from detector.audit.sitemap import MOST_BYTES, Sitemap
from tests.support.deployed import served

SPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


class Site:
    """A site with files set by a test, and the paths requested from it."""

    def __init__(self) -> None:
        self.url = ""
        self.files: dict[str, bytes | str | Response] = {}
        self.asked: list[str] = []
        self.agents: set[str] = set()
        self.app = Flask("site")
        self.app.add_url_rule("/<path:path>", "file", self._answer)

    def _answer(self, path: str) -> Response:
        self.asked.append(f"/{path}")
        self.agents.add(request.headers["User-Agent"])
        found = self.files.get(f"/{path}")
        if isinstance(found, Response):
            return found
        kind = "text/plain" if path.endswith(".txt") else "application/xml"
        return Response(found, content_type=kind) if found else Response("no", 404)

    def sitemap(self, *paths: str, at: str = "/sitemap.xml") -> None:
        """Add a sitemap of paths of this site or of whole addresses."""
        self.files[at] = urlset(*(one if "://" in one else self.url + one for one in paths))

    def find(self, path: str = "/", **options: object) -> list[str]:
        """Return the paths found from a start page."""
        found = find(self.url + path, **options)  # type: ignore[arg-type]
        return [url.removeprefix(self.url) for url in found.urls]


def urlset(*addresses: str) -> str:
    """Return the XML of a sitemap."""
    locs = "".join(f"<url><loc>\n{one} </loc></url>" for one in addresses)
    return f'<?xml version="1.0" encoding="UTF-8"?><urlset {SPACE}>{locs}</urlset>'


def index(*addresses: str) -> str:
    """Return the XML of a sitemap of sitemaps."""
    locs = "".join(f"<sitemap><loc>{one}</loc></sitemap>" for one in addresses)
    return f"<sitemapindex {SPACE}>{locs}</sitemapindex>"


@pytest.fixture
def site() -> Iterator[Site]:
    """Serve an empty site."""
    made = Site()
    with served(made.app) as url:
        made.url = url
        yield made


def test_the_pages_of_the_usual_sitemap(site: Site) -> None:
    """Without one in robots.txt /sitemap.xml is read; the start comes first, duplicates once."""
    site.sitemap("/a", "/", "/b#part", "/b", "/c?x=1&amp;y=2")
    assert site.find() == ["/", "/a", "/b", "/c?x=1&y=2"]
    assert site.asked == ["/robots.txt", "/sitemap.xml"]
    assert site.agents == {pages.USER_AGENT}


def test_the_sitemaps_of_robots_txt(site: Site) -> None:
    """Sitemaps in robots.txt replace the usual one, except for those on other hosts."""
    site.files["/robots.txt"] = (
        f"Sitemap: {site.url}/one.xml\nsitemap: /two.xml\nSitemap: http://other.invalid/s.xml\n"
    )
    site.sitemap("/1", at="/one.xml")
    site.sitemap("/2", at="/two.xml")
    assert site.find() == ["/", "/1", "/2"]
    assert site.asked == ["/robots.txt", "/one.xml", "/two.xml"]


def test_an_index_and_a_packed_sitemap(site: Site) -> None:
    """A sitemap index is followed, each sitemap is requested once, and gzip is supported."""
    deep, again = f"{site.url}/deep.xml.gz", f"{site.url}/sitemap.xml"
    site.files["/sitemap.xml"] = index(deep, deep, again, "http://other.invalid/x.xml")
    site.files["/deep.xml.gz"] = gzip.compress(urlset(f"{site.url}/deep").encode())
    assert site.find() == ["/", "/deep"]
    assert site.asked == ["/robots.txt", "/sitemap.xml", "/deep.xml.gz"]


def test_indexes_have_an_end(site: Site) -> None:
    """Nested sitemaps are followed up to a depth and a number."""
    for number in range(9):
        further = f"{site.url}/{number + 1}.xml"
        site.files["/sitemap.xml" if not number else f"/{number}.xml"] = index(further)
    site.find()
    assert site.asked == ["/robots.txt", "/sitemap.xml", "/1.xml", "/2.xml"]
    site.asked.clear()
    site.files["/sitemap.xml"] = index(*(f"{site.url}/many{n}.xml" for n in range(90)))
    site.find()
    assert len(site.asked) == 1 + pages.MOST_SITEMAPS


def test_what_is_no_page_of_the_site(site: Site) -> None:
    """Other hosts, other ports, files and a sitemap's images are not pages."""
    image = f"<image:image><image:loc>{site.url}/photo</image:loc></image:image>"
    site.files["/sitemap.xml"] = (
        f'<urlset {SPACE} xmlns:image="http://x/image"><url><loc>{site.url}/a</loc>{image}</url>'
        f"<url><loc>http://other.invalid/</loc></url><url><loc>http://127.0.0.1:1/</loc></url>"
        f"<url><loc>{site.url}/paper.PDF</loc></url><url><loc>mailto:x@y.example</loc></url>"
        f"<url><loc>http://[</loc></url><url><loc>{site.url}/z</loc></url></urlset>"
    )
    assert site.find() == ["/", "/a", "/z"]


def test_ten_pages_unless_told(site: Site) -> None:
    """Ten pages of a sitemap are visited, or as many as requested, and the report says so."""
    site.sitemap(*(f"/{n}" for n in range(40)))
    assert len(site.find()) == 10
    assert len(site.find(most=3)) == 3
    found = find(site.url)
    assert found.notes == ["the first 10 of the site's pages are visited"]
    assert found.crawl is None


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("<urlset><url><loc>{0}/a</loc></url><url>", "no element found"),
        ('<!DOCTYPE x [<!ENTITY y "z">]><urlset><url><loc>&y;</loc></url></urlset>', "document"),
        ("<a>" * 30, "too deep"),
        ("not xml", "syntax error"),
    ],
)
def test_a_broken_sitemap(site: Site, text: str, why: str) -> None:
    """Entries before a fault are used, the fault is noted, and links supply the rest."""
    site.files["/sitemap.xml"] = text.format(site.url)
    found = find(site.url)
    assert found.urls == [f"{site.url}/"] + ([f"{site.url}/a"] if "/a" in text else [])
    assert f"the sitemap {site.url}/sitemap.xml is not a complete sitemap" in found.notes[0]
    assert why in found.notes[0]
    assert found.crawl is not None


def test_a_bomb_of_a_sitemap() -> None:
    """A compressed sitemap of gigabytes is decompressed only up to the bound, and refused."""
    bomb = gzip.compress(b"\0" * (MOST_BYTES + 1), 1)
    assert len(bomb) < MOST_BYTES / 100
    assert "more than 20 MB" in Sitemap(bomb).wrong
    assert "damaged" in Sitemap(b"\x1f\x8bxx").wrong


def test_an_html_page_is_no_sitemap(site: Site) -> None:
    """A site that answers every URL with its start page has no sitemap, and nothing is noted."""
    html = Response("<!doctype html><p>Hi", content_type="text/html")
    site.files |= {"/robots.txt": html, "/sitemap.xml": html}
    found = find(site.url)
    assert (found.urls, found.notes) == ([f"{site.url}/"], [])


def test_links_are_followed(site: Site) -> None:
    """If there is room, links found in clean visits are visited once each, in order."""
    site.files["/robots.txt"] = "User-agent: *\nDisallow: /private\n"
    crawl = find(site.url).crawl
    assert crawl is not None
    wanted = ["/b?page=2", "/about", "/blog/logoutside"]
    links = [site.url + path for path in [*wanted, "/", "/about#team", "/private/x", "/x.zip"]]
    links += [site.url + "/user/log-out", site.url + "/?do=logout", "https://other.invalid/"]
    start = PageVisit(f"{site.url}/", "none", final_url=f"{site.url}/", links=links)
    assert [url.removeprefix(site.url) for url in crawl(start)] == wanted
    assert list(crawl(start)) == []
    assert site.asked == ["/robots.txt", "/sitemap.xml"]
    site.sitemap("/about")
    more = find(site.url).crawl
    assert more is not None
    assert [url.removeprefix(site.url) for url in more(start)] == ["/b?page=2", "/blog/logoutside"]


def test_robots_txt_is_kept(site: Site) -> None:
    """Pages excluded by robots.txt are skipped, and reported if they were named, unless ignored."""
    site.files["/robots.txt"] = "User-agent: *\nDisallow: /no\nCrawl-delay: 2\n"
    site.sitemap("/no/1", "/yes")
    assert site.find() == ["/", "/yes"]
    found = find(f"{site.url}/no/start")
    assert (found.urls, found.barred) == ([f"{site.url}/yes"], [f"{site.url}/no/start"])
    assert found.delay == 2
    assert site.find("/no/start", ignore_robots=True) == ["/no/start", "/no/1", "/yes"]
    assert find(site.url, ignore_robots=True).delay == 0


def test_a_site_that_wants_no_robots(site: Site) -> None:
    """If no page is left, the message names the option to continue."""
    site.files["/robots.txt"] = "User-agent: *\nDisallow: /\nCrawl-delay: 999\n"
    with pytest.raises(PagesError, match="--ignore-robots visits them anyway"):
        site.find()
    site.files["/robots.txt"] = "User-agent: adblock-detector-audit\nCrawl-delay: 999\n"
    found = find(site.url)
    assert found.delay == pages.MOST_DELAY
    assert "robots.txt asks for 999 s between pages; 10 s are used" in found.notes
    site.files["/robots.txt"] = Response("down", 503)
    with pytest.raises(PagesError, match=r"robots\.txt answers 503"):
        site.find()
    assert site.find(ignore_robots=True) == ["/"]


def test_redirects_stay_on_the_site(site: Site) -> None:
    """Redirects of a sitemap are followed on the site, and not to another."""
    site.files["/robots.txt"] = redirect("http://127.0.0.1:1/robots.txt")
    site.files["/sitemap.xml"] = redirect("/moved.xml")
    site.sitemap("/a", at="/moved.xml")
    assert site.find() == ["/", "/a"]
    assert site.asked == ["/robots.txt", "/sitemap.xml", "/moved.xml"]


def test_a_site_that_does_not_answer() -> None:
    """An unreachable site keeps its start page, whose row says why."""
    assert find("http://127.0.0.1:1/x").urls == ["http://127.0.0.1:1/x"]


def test_pages_of_a_file(site: Site, tmp_path: Path) -> None:
    """A file lists paths and addresses, with comments; only these are visited."""
    file = tmp_path / "paths.txt"
    lines = ["# the shop", "/a", "", f"{site.url}/b  # with a comment", "c?d=1#here", "/a", "/ü x"]
    file.write_text("\n".join([*lines, *(f"/{n}" for n in range(20))]), "utf-8-sig")
    found = site.find("/shop/", paths=file)
    assert found[:4] == ["/a", "/b", "/shop/c?d=1", "/%C3%BC%20x"]
    assert len(found) == 24
    assert len(site.find(paths=file, most=2)) == 2
    assert set(site.asked) == {"/robots.txt"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"/a\nhttp://other.example/\n", "line 2: http://other.example/ is not on 127.0.0.1:"),
        (b"javascript:alert(1)", "line 1: 'javascript:alert(1)' is not an address"),
        (b"/a\n\nhttp://[", "line 3: "),
        (b"/a\n\xff", "line 2 is not UTF-8 text"),
        (b"# nothing\n", "names no page"),
        (b"\n".join(b"/%d" % n for n in range(1001)), "names 1001 pages; the limit is 1000"),
    ],
)
def test_a_bad_file(site: Site, tmp_path: Path, text: bytes, words: str) -> None:
    """An error in the file names file and line."""
    file = tmp_path / "paths.txt"
    file.write_bytes(text)
    with pytest.raises(PagesError) as told:
        site.find(paths=file)
    assert str(told.value).startswith(f"--paths {file}: ")
    assert words in str(told.value)
    with pytest.raises(PagesError, match="cannot be read"):
        site.find(paths=tmp_path)


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        ("https://www.news.example/a", True),
        ("http://news.example:80/", True),
        ("https://NEWS.example/", True),
        ("https://news.example:8443/", False),
        ("https://shop.news.example/", False),
        ("https://news.example.evil.example/", False),
        ("ftp://news.example/", False),
    ],
)
def test_what_belongs_to_a_site(url: str, wanted: bool) -> None:
    """A site is its origin, and the same host with or without www and TLS."""
    assert belongs(url, "https://news.example/") is wanted


@pytest.mark.parametrize(
    ("path", "does"),
    [
        ("/logout", True),
        ("/account/sign_out", True),
        ("/index.php?action=LogOff", True),
        ("/comments/7/delete", True),
        ("/newsletter/unsubscribe?u=1", True),
        ("/cart/?add-to-cart=7", True),
        ("/blog/signs-of-autumn", False),
        ("/login", False),
        ("/undeleted", False),
    ],
)
def test_links_that_do_something(path: str, does: bool) -> None:
    """Links that seem to log out or delete are recognised."""
    assert does_something(f"https://news.example{path}") is does


def test_files_are_no_pages() -> None:
    """Files are recognised by the extension of their path."""
    assert is_file("https://x.example/a.pdf?page=1")
    assert not is_file("https://x.example/a.html?file=a.pdf")
    assert not is_file("https://x.example/v1.2/")
