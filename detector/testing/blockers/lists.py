"""Which filter lists blockers use: those that the user names, else Debian's packaged ones.

A list named by address is fetched once and cached with its date below the user's cache folder; it
is fetched again when the copy is older than most lists allow. Nothing else is fetched.
"""

from __future__ import annotations

import hashlib
import os
import re
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from detector.core.baits import pool
from detector.filter_lists.fetch import ListError, read
from detector.testing.blockers.model import BlockerError, Options
from detector.testing.browsers import BrowserMissing
from detector.testing.ublock import DEFAULT_LISTS, Package

FRESH_DAYS = 4
_HEAD = re.compile(rb"^[!# ]*Last modified:\s*(\d{1,2} \w{3} \d{4}|\d{4}-\d{2}-\d{2})", re.I | re.M)
_HOST = re.compile(
    r"^(?:\|\|([a-z0-9.-]+\.[a-z0-9-]+)\^(?:\$third-party)?"
    r"|(?:0\.0\.0\.0|127\.0\.0\.1)\s+([a-z0-9.-]+\.[a-z0-9-]+)(?:\s*#.*)?)\s*$",
    re.M,
)


@dataclass(frozen=True)
class FilterList:
    """One list on this machine: the name the user knows it by, its path, and its date."""

    name: str
    path: Path
    packaged: bool = False
    made: str = ""

    @property
    def data(self) -> bytes:
        """Its raw bytes, unchecked."""
        if self.made:
            return self.made.encode()
        try:
            return self.path.read_bytes()
        except OSError as error:
            raise BlockerError(
                f"--filter-list {self.name}: cannot be read ({error.strerror}); name an existing "
                "file, or an http or https address"
            ) from None

    @property
    def date(self) -> str:
        """The date in its header, else that of the file."""
        with self.path.open("rb") as file:
            found = _HEAD.search(file.read(4096))
        if found is None:
            return datetime.fromtimestamp(self.path.stat().st_mtime, UTC).date().isoformat()
        text = found[1].decode()
        form = "%Y-%m-%d" if text[:4].isdigit() else "%d %b %Y"
        return datetime.strptime(text, form).date().isoformat()

    def text(self) -> str:
        """Its text; raise `BlockerError` with the faulty line if it is not a list."""
        if self.packaged or self.made:
            return self.data.decode("utf-8")
        try:
            return "\n".join(read(str(self.path)))
        except ListError as error:
            raise BlockerError(f"--filter-list {error}") from None


def cache_folder(options: Options) -> Path:
    """Return the folder for files that can be recreated."""
    if options.cache is not None:
        return options.cache
    home = Path.home()
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = home / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache")
    return base / "adblock-detector"


def put(path: Path, data: bytes) -> None:
    """Write a file atomically: concurrent readers find the old one or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        part.write_bytes(data)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def filter_lists(options: Options) -> list[FilterList]:
    """Return the lists to use; raise `BrowserMissing` if there are none."""
    if options.filter_lists:
        return [_named(name, cache_folder(options)) for name in options.filter_lists]
    package = Package.found()
    if package is None:
        raise BrowserMissing(
            "there is no filter list: name one with --filter-list FILE_OR_URL, or install those of "
            "uBlock Origin: Debian `apt-get install webext-ublock-origin-firefox`"
        )
    return [FilterList(name, package.list_path(name), packaged=True) for name in DEFAULT_LISTS]


def newest(lists: list[FilterList]) -> str:
    """Return the date of the most recently changed list."""
    return max(one.date for one in lists)


def hosts(lists: list[FilterList]) -> list[str]:
    """Return the hosts that lists block as a whole, with all their subdomains."""
    found: set[str] = set()
    for one in lists:
        found.update(a or b for a, b in _HOST.findall(one.text()))
    if not found:
        names = ", ".join(one.name for one in lists)
        raise BlockerError(
            f"--filter-list {names}: names no host as a whole (`||host^` or `0.0.0.0 host`), so "
            "there is nothing for a DNS blocker to refuse; name a hosts list"
        )
    return sorted(found)


def brave_own(options: Options) -> FilterList:
    """Return the list that acts on a site's own URLs in Brave's standard mode.

    That is the user's list with "firstparty" in its name; else what our pool of baits marks as
    being in it, which is little more than our own baits.
    """
    for one in filter_lists(options):
        if "firstparty" in one.name.lower():
            return one
    found = pool.load()
    # The neutral word is the site's; the part that lists match is on one side of it.
    paths = {max(r.path.split("{w}"), key=len) for r in found.requests if r.everywhere}
    rules = [*sorted(paths), *(f"##.{name}" for name in found.elements)]
    return FilterList("the pool of baits", Path(pool.__file__), made="\n".join(rules))


def _named(name: str, cache: Path) -> FilterList:
    if "://" not in name:
        return FilterList(name, Path(name))
    path = cache / "lists" / (hashlib.sha256(name.encode()).hexdigest()[:24] + ".txt")
    if not path.exists() or time.time() - path.stat().st_mtime > FRESH_DAYS * 86400:
        try:
            lines = read(name)
        except ListError as error:
            if not path.exists():
                raise BlockerError(f"--filter-list {error}") from None
        else:
            put(path, "\n".join(lines).encode())
    return FilterList(name, path)
