"""Check every link of a built site: files and fragments exist, addresses are well formed.

Nothing is fetched. `python -m docs.extensions.links FOLDER` prints each broken link, and exits
with 1 where there is one.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

LINKS = {"a": "href", "link": "href", "img": "src", "script": "src", "source": "srcset"}


class _Page(HTMLParser):
    """Collects the links and the ids of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[tuple[str, str]] = []
        self.ids: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what the tag links to, and its id."""
        values = dict(attrs)
        self.ids.update(values[key] or "" for key in ("id", "name") if values.get(key))
        if tag in LINKS and values.get(LINKS[tag]):
            self.links.append((tag, values[LINKS[tag]] or ""))


def broken(folder: Path) -> Iterator[str]:
    """Yield a line for each broken link of the pages in a folder."""
    pages = {path: _Page(path.read_text("utf-8")) for path in sorted(folder.rglob("*.html"))}
    for path, page in pages.items():
        for tag, link in page.links:
            if problem := _problem(folder, path, tag, link, pages):
                yield f"{path.relative_to(folder)}: {link}: {problem}"


def _problem(folder: Path, path: Path, tag: str, link: str, pages: dict[Path, _Page]) -> str:
    """Return what is wrong with a link; nothing where it is fine."""
    try:
        parts = urlsplit(link)
    except ValueError as error:
        return str(error)
    if parts.scheme in ("mailto", "data"):
        return ""
    if parts.scheme or parts.netloc:
        return _foreign_problem(tag, parts.scheme, parts.hostname)
    if parts.path.startswith("/"):
        return "begins with /, which only works at the root of a host"
    target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
    if not target.is_relative_to(folder.resolve()) or not target.is_file():
        return "no such file"
    fragment = unquote(parts.fragment)
    if fragment and target in pages and fragment not in pages[target].ids:
        return "no such place on the page"
    return ""


def _foreign_problem(tag: str, scheme: str, host: str | None) -> str:
    if tag != "a":
        return "the page would fetch this from another host"
    if scheme not in ("http", "https") or not host or ("." not in host and host != "localhost"):
        return "no address of the web"
    return ""


def main(folder: Path) -> int:
    """Print each broken link; return 1 where there is one."""
    folder = folder.resolve()
    if not any(folder.rglob("*.html")):
        print(f"{folder}: no pages there", file=sys.stderr)
        return 1
    lines = list(broken(folder))
    for line in lines:
        print(line, file=sys.stderr)
    return int(bool(lines))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
