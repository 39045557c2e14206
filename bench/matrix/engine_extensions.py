"""Ghostery's and AdGuard's engines, each in an extension of ours that only starts it.

Their code is bundled from npm with the packaged lists beside it, and stays in the user's cache
folder until a pin, a source or a list changes.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from bench.matrix.browsers import Start, Started, visitors
from bench.matrix.bundles import FOLDER, MODULES, bundle
from bench.matrix.engines import packaged
from bench.matrix.firefox_extension import unpacked, with_extension
from detector.testing.blockers import Options
from detector.testing.blockers.lists import cache_folder
from detector.testing.blockers.readiness_probe import wait_until_acting
from detector.testing.internet import Internet

if TYPE_CHECKING:
    from playwright.sync_api import Playwright

PACKAGES = {
    "ghostery": "@ghostery/adblocker-webextension",
    "adguard": "@adguard/tswebextension",
}
PERMISSIONS = ["<all_urls>", "cookies", "privacy", "scripting", "storage", "tabs"]
PERMISSIONS += ["unlimitedStorage", "webNavigation", "webRequest", "webRequestBlocking"]


def engine_extension(name: str) -> Start:
    """Return a function that starts Firefox with an engine in an extension, by its name."""
    return partial(_start, name=name)


@contextmanager
def _start(playwright: Playwright, net: Internet, *, name: str) -> Iterator[Started]:
    with with_extension(playwright, net, unpacked(made(name))) as running:
        wait_until_acting(running, net)
        label = f"Firefox {running.version} + {PACKAGES[name]} {pins()[PACKAGES[name]]}"
        yield Started(label, visitors(running))


def pins() -> dict[str, str]:
    """Return the pinned version of each package."""
    found: dict[str, str] = json.loads((FOLDER / "package.json").read_text("utf-8"))["dependencies"]
    return found


def lists(name: str) -> list[Path]:
    """Return the packaged lists that an engine can read."""
    # One selector that AdGuard's converter does not know spoils its style sheet, and uBlock's own
    # lists contain such.
    return [one for one in packaged() if name != "adguard" or one.name.startswith("easy")]


def made(name: str) -> Path:
    """Return the folder of the extension, bundled now or before."""
    sources = [FOLDER / "package.json", *sorted((FOLDER / "peers").glob(f"engine-{name}*.js"))]
    key = hashlib.sha256()
    for path in (*sources, Path(__file__), *lists(name)):
        key.update(hashlib.sha256(path.read_bytes()).digest())
    goal = cache_folder(Options()) / "extensions" / key.hexdigest()[:24] / name
    if not goal.exists():
        part = goal.with_name(f"{name}.{os.getpid()}")
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        _write(name, part)
        part.replace(goal)
    return goal


def _write(name: str, folder: Path) -> None:
    manifest = {
        "manifest_version": 2,
        "name": f"The engine of {PACKAGES[name]}",
        "version": pins()[PACKAGES[name]],
        "browser_specific_settings": {"gecko": {"id": f"{name}@matrix.example"}},
        "permissions": PERMISSIONS,
        "background": {"scripts": ["background.js"]},
        "content_scripts": [
            {
                "matches": ["http://*/*", "https://*/*"],
                "js": ["page.js"],
                "run_at": "document_start",
                "all_frames": True,
                "match_about_blank": True,
            }
        ],
        "web_accessible_resources": ["redirects/*"],
    }
    (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    (folder / "background.js").write_bytes(bundle(f"engine-{name}.js"))
    (folder / "page.js").write_bytes(bundle(f"engine-{name}-page.js"))
    texts = [path.read_text("utf-8") for path in lists(name)]
    (folder / "lists.json").write_text(json.dumps(texts), "utf-8")
    if name == "adguard":
        # Its stand-ins for scripts, as its own command copies them.
        scriptlets = MODULES / "@adguard" / "scriptlets" / "dist"
        shutil.copytree(scriptlets / "redirect-files", folder / "redirects")
        shutil.copy(scriptlets / "redirects.yml", folder / "redirects" / "redirects.yml")
