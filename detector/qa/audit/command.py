"""`detector audit URL`: visits a site under ad blockers and writes what broke."""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

from detector.doctor.web import USER_AGENT, Web
from detector.qa.audit.model import Report
from detector.qa.audit.pages import AGENT, Finder, PagesError, checked, from_file
from detector.qa.blockers.model import BlockerError, Options, UnknownBlocker

ERRORS = (PagesError, BlockerError, UnknownBlocker)
MOST_PAGES = 10
_MARK = '"audit of": '


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("url", metavar="URL", help="the page to begin with")
    parser.add_argument(
        "--blockers",
        default="all",
        metavar="NAMES",
        help="blockers with commas between, or all: every ready one (the default); "
        "`detector blockers` lists them",
    )
    parser.add_argument(
        "--paths", type=Path, metavar="FILE", help="only these pages: a path on each line"
    )
    parser.add_argument(
        "--out", type=Path, default=Path("report"), metavar="DIR", help="folder of the report"
    )
    parser.add_argument(
        "--max-pages",
        type=_number,
        default=MOST_PAGES,
        metavar="N",
        help="most pages (%(default)s)",
    )
    parser.add_argument("--ignore-robots", action="store_true", help="open what robots.txt forbids")
    parser.add_argument(
        "--ignore-certificate-errors", action="store_true", help="take any certificate"
    )
    parser.add_argument("--headed", action="store_true", help="show the browsers")
    parser.add_argument("--filter-list", action="append", default=[], metavar="FILE_OR_URL")
    parser.add_argument("--blocker-extension", action="append", default=[], metavar="NAME=PATH")


def run(args: argparse.Namespace) -> int:
    """Audit and give the report's status: 0 all works, 1 something broke, 2 not all was seen."""
    from detector.qa.audit.auditing import audit
    from detector.qa.audit.table import Teller

    site = checked(args.url)
    options = _options(args)
    blockers = chosen(args.blockers, options)
    folder: Path = args.out
    _prepare(folder, site)
    web = Web(f"{USER_AGENT} {AGENT}", insecure=args.ignore_certificate_errors)
    finder = Finder(site, web, ignore_robots=args.ignore_robots)
    pages = from_file(args.paths, site) if args.paths else finder.first(args.max_pages)
    most = len(pages) if args.paths else args.max_pages
    teller = Teller()
    pace = _Pace(finder.delay)

    def on_page(url: str, blocker: str) -> None:
        teller.on_page(url, blocker)
        pace.wait()

    with teller.running():
        report = audit(
            site,
            pages,
            blockers,
            options,
            folder,
            on_look=teller.on_look,
            on_blocker=teller.on_blocker,
            on_page=on_page,
            crawl=None if args.paths else finder.links,
            max_pages=most,
            ignore_certificate_errors=args.ignore_certificate_errors,
        )
    write(report, folder)
    teller.end(report, folder)
    return report.status


def chosen(names: str, options: Options) -> list[str]:
    """Give the blockers that are asked for; `all` are those that are ready and act."""
    from detector.qa.blockers import find, ready

    asked = [name for name in names.split(",") if name]
    if asked == ["all"]:
        asked = [one.blocker.name for one in ready(options) if one.ready]
        asked = [name for name in asked if find(name, options).acts != "none"]
        if not asked:
            raise BlockerError(
                "--blockers all: none is ready on this machine; `detector blockers` says what "
                "each of them needs"
            )
    for name in asked:
        find(name, options)
    if not asked:
        raise BlockerError("--blockers: name one, or all")
    return asked


def write(report: Report, folder: Path) -> None:
    """Write the report as a page, as JSON and as JUnit XML."""
    from detector.qa.audit.html import html
    from detector.qa.audit.junit import junit

    told = {"audit of": report.site, **report.as_dict()}
    (folder / "report.json").write_text(json.dumps(told, indent=1), "utf-8")
    (folder / "junit.xml").write_bytes(junit(report))
    (folder / "index.html").write_bytes(html(report).encode("utf-8", "replace"))


class _Pace:
    """Keeps as many seconds between two pages as the site asks for."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._next = 0.0

    def wait(self) -> None:
        """Return when the next page may be opened."""
        time.sleep(max(0.0, self._next - time.monotonic()))
        self._next = time.monotonic() + self._seconds


def _options(args: argparse.Namespace) -> Options:
    from detector.qa.blockers.model import named_paths

    extensions, ublock = named_paths(args.blocker_extension)
    return Options(
        filter_lists=tuple(args.filter_list),
        extension=ublock,
        extensions=extensions,
        headless=not args.headed,
    )


def _prepare(folder: Path, site: str) -> None:
    """Make the folder; one with other things in it is left alone."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        old = folder / "report.json"
        if any(folder.iterdir()) and not (old.is_file() and _MARK in _head(old)):
            raise PagesError(
                f"--out {folder}: this folder holds other things than a report; name a new one"
            )
        for picture in (folder / "pictures").glob("*.png"):
            picture.unlink()
        old.write_text(json.dumps({"audit of": site}), "utf-8")
    except OSError as error:
        raise PagesError(
            f"--out {folder}: cannot be written ({error.strerror}); name a folder of yours"
        ) from error


def _head(file: Path) -> str:
    with file.open(encoding="utf-8", errors="replace") as lines:
        return lines.read(200)


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 1000:
        raise argparse.ArgumentTypeError(f"{text!r}: give a number of pages from 1 to 1000")
    return int(text)
