"""The uBlock Origin that Debian packages for Firefox: its folder, its lists, its update hosts.

Its lists also serve tests against real lists, so that none has to be downloaded.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from detector.testing.browsers import BrowserMissing
from detector.testing.messages import Answer, Handler, Request

if TYPE_CHECKING:
    from detector.testing.internet import Internet

ID = "uBlock0@raymondhill.net"
# Any value works; a fixed one makes the addresses of the extension's own pages known.
UUID = "5f0d8a52-3c1e-4b7a-9d46-2e8b71c0a9f3"
FOLDERS = (
    Path("/usr/share/mozilla/extensions/{ec8030f7-c20a-464f-9b0e-13a3a9e97384}") / ID,
    Path("/usr/share/webext/ublock-origin-firefox"),
)

DEFAULT_LISTS = ("easylist", "easyprivacy", "ublock-filters", "ublock-privacy", "ublock-unbreak")
"""The packaged lists that the extension uses as it is installed, by its names for them."""


class Package:
    """The installed package; `found()` returns it or None."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def found(cls) -> Package | None:
        """Return the package if it is installed."""
        for folder in FOLDERS:
            if (folder / "manifest.json").is_file():
                return cls(folder)
        return None

    @classmethod
    def required(cls) -> Package:
        """Return the package; raise `BrowserMissing` with the command that installs it."""
        package = cls.found()
        if package is None:
            raise BrowserMissing(
                "uBlock Origin for Firefox is not on this machine. Install it: Debian "
                "`apt-get install webext-ublock-origin-firefox`; macOS and Windows have no package "
                "of it, run this test in a Debian container."
            )
        return package

    @cached_property
    def version(self) -> str:
        """The version in its manifest."""
        text = (self.folder / "manifest.json").read_text(encoding="utf-8")
        return str(json.loads(text)["version"])

    def list_path(self, name: str) -> Path:
        """Return the file of a packaged list: `easylist`, `easyprivacy`, `ublock-filters`, …."""
        for source in _listed(self._assets.get(name, {}).get("contentURL")):
            if "://" not in source and (self.folder / source).is_file():
                return self.folder / source
        known = ", ".join(sorted(n for n in self._assets if self._is_packaged(n)))
        raise FileNotFoundError(f"no list {name!r} in {self.folder}; there are: {known}")

    @cached_property
    def list_date(self) -> str:
        """The date of the packaged EasyList, from its header, else from the file's own date."""
        path = self.list_path("easylist")
        with path.open(encoding="utf-8") as lines:
            for line in [next(lines, "") for _ in range(20)]:
                name, _, value = line.lstrip("! ").partition(":")
                if name.lower() == "last modified" and value.strip()[:1].isdigit():
                    day = datetime.strptime(value.split("UTC")[0].strip()[:11], "%d %b %Y")
                    return day.date().isoformat()
        return datetime.fromtimestamp(path.stat().st_mtime, UTC).date().isoformat()

    def serve_updates(self, net: Internet) -> None:
        """Serve the packaged lists in the test internet, for the extension's list updates.

        Soon after its start the extension updates its lists; if that fails it may drop EasyList,
        and tests from then on would pass or fail by the clock.
        """
        files: dict[str, dict[str, Path]] = {}
        for name, asset in self._assets.items():
            if not self._is_packaged(name):
                continue
            for url in [*_listed(asset.get("contentURL")), *_listed(asset.get("cdnURLs"))]:
                parts = urlsplit(url)
                if parts.hostname:
                    files.setdefault(parts.hostname, {})[parts.path] = self.list_path(name)
        for host, paths in files.items():
            net.answer(host, _file_host(paths))

    @cached_property
    def _assets(self) -> dict[str, dict[str, object]]:
        text = (self.folder / "assets" / "assets.json").read_text(encoding="utf-8")
        assets: dict[str, dict[str, object]] = json.loads(text)
        return assets

    def _is_packaged(self, name: str) -> bool:
        sources = _listed(self._assets[name].get("contentURL"))
        return any("://" not in s and (self.folder / s).is_file() for s in sources)


def _listed(value: object) -> list[str]:
    if isinstance(value, list):
        return [str(item) for item in value]
    return [value] if isinstance(value, str) else []


def _file_host(paths: dict[str, Path]) -> Handler:
    def handle(request: Request) -> Answer:
        path = paths.get(request.path.partition("?")[0])
        return Answer(path.read_bytes()) if path else Answer(status=404)

    return handle
