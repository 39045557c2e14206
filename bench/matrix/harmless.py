"""Harmless extensions, Debian's `webext-*` packages: beside them nothing may look like a blocker.

Packages are fetched by apt-get into the user's cache folder and not installed, since Firefox loads
an installed one in every profile. All are Manifest V2, which Chromium no longer runs: there the
content scripts of those that have some run in a manifest of ours.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from bench.matrix import conditions as seen
from bench.matrix.browsers import Start, Started, running, visitors
from bench.matrix.environment import CLEAR, Environment, NotRun
from bench.matrix.firefox_extension import unpacked, with_extension
from detector.testing.blockers import Options
from detector.testing.blockers.lists import cache_folder
from detector.testing.blockers.readiness_probe import HOST
from detector.testing.internet import Internet

if TYPE_CHECKING:
    from playwright.sync_api import Playwright

# With content scripts in every page.
IN_PAGES = ("form-history-control", "keepassxc-browser")
HARMLESS = (
    *IN_PAGES,
    "browserpass",
    "bulk-media-downloader",
    "debianbuttons",
    "lightbeam",
    "treestyletab",
)
MARK = 'document.documentElement.dataset.scripts = "ran";\n'
scripts_ran = seen.script("() => document.documentElement.dataset.scripts === 'ran'")


def package(name: str) -> Path:
    """Return the folder of a Debian package's extension for Firefox, fetched once."""
    folder = cache_folder(Options()) / "debian" / name
    if not folder.exists():
        if not shutil.which("apt-get"):
            raise NotRun("there is no apt-get here to fetch Debian's extensions with")
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as room:
            command = ["apt-get", "download", "-qq", f"webext-{name}"]
            got = subprocess.run(command, cwd=room, capture_output=True, text=True)
            files = list(Path(room).glob("*.deb"))
            if not files:
                raise NotRun(f"webext-{name} could not be fetched: {got.stderr.strip()[:200]}")
            subprocess.run(["dpkg", "-x", files[0], f"{room}/files"], check=True)
            (Path(room) / "files").replace(folder)
    found = [path.parent for path in sorted(folder.rglob("manifest.json"))]
    return next(one for one in found if "gecko" in (one / "manifest.json").read_text("utf-8-sig"))


def in_firefox(name: str) -> Start:
    """Return a function that starts Firefox with one of the packages."""
    return partial(_firefox, name=name)


def in_chromium(name: str) -> Start:
    """Return a function that starts Chromium with the content scripts of one of the packages."""
    return partial(_chromium, name=name)


@contextmanager
def _firefox(playwright: Playwright, net: Internet, *, name: str) -> Iterator[Started]:
    with with_extension(playwright, net, unpacked(package(name))) as found:
        yield Started(found.blocker.label, visitors(found))


@contextmanager
def _chromium(playwright: Playwright, net: Internet, *, name: str) -> Iterator[Started]:
    with tempfile.TemporaryDirectory(prefix="harmless-") as room:
        folder = Path(room) / name
        shutil.copytree(package(name), folder, ignore_dangling_symlinks=True)
        old = unpacked(folder).manifest
        scripts = [{**one, "js": [*one.get("js", []), "mark.js"]} for one in old["content_scripts"]]
        # The kit waits until an extension acts as a blocker; this one does so for its probe alone.
        scripts.append({"matches": [f"https://{HOST}/*"], "css": ["ready.css"]})
        manifest = {
            "manifest_version": 3,
            "name": name,
            "version": old["version"],
            **{key: old[key] for key in ("default_locale",) if key in old},
            "permissions": ["storage"],
            "content_scripts": scripts,
        }
        (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")
        (folder / "mark.js").write_text(MARK, "utf-8")
        (folder / "ready.css").write_text(".adSlot { display: none !important }", "utf-8")
        with running(name, playwright, net, extensions={name: str(folder)}) as found:
            label = f"Chromium {found.version} + content scripts of {name} {old['version']}"
            yield Started(label, visitors(found))


def harmless() -> list[Environment]:
    """Return a row for each extension; each start waits until the extension is active."""
    row = partial(Environment, group="clean", wanted=(CLEAR,))
    rows = [
        row(
            f"harmless: {name}",
            browser=f"firefox, {name}",
            how="Debian's package, active",
            holds=seen.ads_arrive,
        )
        for name in HARMLESS
    ]
    rows += [
        row(
            f"harmless: {name}",
            browser=f"chromium, {name}",
            how="the content scripts of Debian's package, in a manifest of ours",
            holds=seen.every(scripts_ran, seen.ads_arrive),
            real=False,
        )
        for name in IN_PAGES
    ]
    return rows
