"""Which pages an audit visits: of a file, a sitemap, of links; one site only."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from detector.doctor.web import Web
from detector.qa.audit.model import Look
from detector.qa.audit.pages import Finder, PagesError, checked, from_file

SITE = "https://site.example/"
TEXT, XML = "text/plain", "application/xml"
Files = dict[str, tuple[str, bytes]]


@contextmanager
def site(files: Files) -> Iterator[str]:
    """Serve files of this machine's loopback; HOST in them is its address."""
    address = ""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            kind, body = files.get(self.path, ("", b""))
            body = body.replace(b"HOST", address.encode())
            self.send_response(200 if kind else 404)
            self.send_header("Content-Type", kind or TEXT)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Print nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield address
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def urlset(*paths: str, tag: str = "urlset", item: str = "url") -> bytes:
    """Make a sitemap, or an index of them."""
    places = "".join(f"<{item}><loc>{path}</loc></{item}>" for path in paths)
    space = "http://www.sitemaps.org/schemas/sitemap/0.9"
    return f'<?xml version="1.0"?><{tag} xmlns="{space}">{places}</{tag}>'.encode()


def test_without_robots_and_sitemap() -> None:
    """A site that has neither is begun at its start page, and links give the rest."""
    with site({}) as address:
        finder = Finder(f"{address}/", Web())
        assert finder.first(10) == [f"{address}/"]
        assert finder.delay == 0
        look = Look(f"{address}/", "none")
        look.links = [f"{address}/a#top", f"{address}/b?x=1", "https://other.example/", "nonsense"]
        assert list(finder.links(look)) == [f"{address}/a", f"{address}/b?x=1"]


def test_links_that_do_something() -> None:
    """Nothing logs out, deletes or buys by being looked at; files are no pages."""
    with site({}) as address:
        finder = Finder(f"{address}/", Web())
        look = Look(f"{address}/", "none")
        bad = ["/logout", "/account/sign-out", "/x?do=delete", "/cart/add-to-cart?id=1", "/a.PDF"]
        good = ["/blogout", "/undeleted-scenes", "/about.html"]
        look.links = [address + path for path in (*bad, *good)]
        assert list(finder.links(look)) == [address + path for path in good]


def test_sitemap_of_robots() -> None:
    """robots.txt names an index of sitemaps, one of them packed; other hosts are left."""
    files = {
        "/robots.txt": (TEXT, b"User-agent: *\nDisallow: /private\nCrawl-delay: 2\n"
                        b"Sitemap: HOST/maps.xml\nSitemap: https://other.example/s.xml\n"),
        "/maps.xml": (XML, urlset("HOST/one.xml", "HOST/two.xml.gz", "https://x.example/s.xml",
                                  tag="sitemapindex", item="sitemap")),
        "/one.xml": (XML, urlset("HOST/a", "HOST/private/b", "https://other.example/c", "HOST/a")),
    }  # fmt: skip
    with site(files) as address:
        packed = gzip.compress(urlset(f"{address}/d"))
        files["/two.xml.gz"] = ("application/gzip", packed)
        finder = Finder(f"{address}/", Web())
        assert finder.first(10) == [f"{address}/", f"{address}/a", f"{address}/d"]
        assert finder.first(2) == [f"{address}/", f"{address}/a"]
        assert finder.delay == 2
        open_ = Finder(f"{address}/private/", Web(), ignore_robots=True)
        assert f"{address}/private/b" in open_.first(10)
        assert open_.delay == 0
        with pytest.raises(PagesError, match=r"robots\.txt asks .* --ignore-robots"):
            Finder(f"{address}/private/", Web())


@pytest.mark.parametrize(
    "body",
    [
        b"<html>not found, and yet 200</html>",
        b"\x1f\x8bno gzip",
        b"<urlset><url><loc>HOST/a</loc>",
        b'<!DOCTYPE x [<!ENTITY a "aaaa">]><urlset><url><loc>HOST/&a;</loc></url></urlset>',
        b"",
    ],
)
def test_broken_sitemap(body: bytes) -> None:
    """A sitemap that cannot be read names nothing, and one that declares entities is not read."""
    with site({"/sitemap.xml": (XML, body)}) as address:
        assert Finder(f"{address}/", Web()).first(10) == [f"{address}/"]


def test_sitemaps_without_end() -> None:
    """An index that names itself ends."""
    index = urlset("HOST/sitemap.xml", "HOST/sitemap.xml", tag="sitemapindex", item="sitemap")
    with site({"/sitemap.xml": (XML, index)}) as address:
        assert Finder(f"{address}/", Web()).first(10) == [f"{address}/"]


def test_file(tmp_path: Path) -> None:
    """A path or an address on each line, comments and empty lines between, each page once."""
    file = tmp_path / "paths.txt"
    file.write_text("# pages\n/news\n\nhttps://site.example/a#b  # the first\n/news\n")
    assert from_file(file, SITE) == ["https://site.example/news", "https://site.example/a"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("/a\nnews\n", r"line 2: 'news' is neither"),
        ("https://other.example/\n", r"line 1: .* is not on https://site\.example"),
        ("# nothing\n", "names no page"),
    ],
)
def test_bad_file(tmp_path: Path, text: str, said: str) -> None:
    """What is wrong is said with the file and its line."""
    file = tmp_path / "paths.txt"
    file.write_text(text)
    with pytest.raises(PagesError, match=said) as found:
        from_file(file, SITE)
    assert str(file) in str(found.value)


def test_missing_file(tmp_path: Path) -> None:
    """A file that is not there is named, and so is one that is no text."""
    with pytest.raises(PagesError, match="cannot be read"):
        from_file(tmp_path / "none.txt", SITE)
    file = tmp_path / "picture.png"
    file.write_bytes(b"\xff\xd8\xff")
    with pytest.raises(PagesError, match="no UTF-8"):
        from_file(file, SITE)


@pytest.mark.parametrize(
    "url", ["site.example", "ftp://site.example/", "http://", "http://x:99999/"]
)
def test_bad_address(url: str) -> None:
    """What is no address of a site is refused with an example."""
    with pytest.raises(PagesError, match="give one such as"):
        checked(url)


def test_address() -> None:
    """An address without a path is its start page; a fragment says nothing to a server."""
    assert checked("https://site.example") == SITE
    assert checked("https://site.example/a?b=c#d") == "https://site.example/a?b=c"
