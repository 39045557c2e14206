"""Firefox with an extension from a folder or an .xpi file, signed or not."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_URL, uuid5

from bench.matrix.environment import NotRun
from bench.matrix.tabs import PlaywrightTab
from bench.matrix.waiting import until
from detector.testing.blockers import Blocker, Options, Running
from detector.testing.blockers.chromium import defaults
from detector.testing.blockers.firefox import launch_firefox
from detector.testing.internet import Internet
from detector.testing.power_button import ARGS

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Playwright

SECONDS = 60


@dataclass(frozen=True)
class Extension:
    """An unpacked extension of Manifest V2 or V3."""

    folder: Path

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """Its manifest, parsed."""
        found: dict[str, Any] = json.loads((self.folder / "manifest.json").read_text("utf-8-sig"))
        return found

    @property
    def id(self) -> str:
        """Its id for Firefox."""
        own = self.manifest.get("browser_specific_settings") or self.manifest["applications"]
        return str(own["gecko"]["id"])

    @property
    def uuid(self) -> str:
        """The host of its own pages; Firefox draws one at random unless it is set."""
        return str(uuid5(NAMESPACE_URL, self.id))

    def install(self, profile: Path) -> None:
        """Put it into a profile; links to what is not installed here are left out."""
        (profile / "extensions").mkdir(exist_ok=True)
        goal = profile / "extensions" / f"{self.id}.xpi"
        with zipfile.ZipFile(goal, "w", strict_timestamps=False) as file:
            for one in sorted(self.folder.rglob("*")):
                if one.is_file():
                    file.write(one, one.relative_to(self.folder))


@contextmanager
def with_extension(playwright: Playwright, net: Internet, found: Extension) -> Iterator[Running]:
    """Start Firefox with this extension and no other, and wait until it is active."""
    prefs: dict[str, str | float | bool] = {
        # The profile's extensions alone, without a question, and without a signature.
        "extensions.enabledScopes": 1,
        "extensions.autoDisableScopes": 0,
        "extensions.startupScanScopes": 15,
        "xpinstall.signatures.required": False,
        "extensions.webextensions.uuids": json.dumps({found.id: found.uuid}),
    }
    options = Options(net=net, hide_automation=False)
    with launch_firefox(playwright, options, prefs, *ARGS, prepare=found.install) as browser:
        _wait(browser, found)
        title = f"{found.folder.name} {found.manifest['version']}"
        known = Blocker(found.id, title, "firefox", True, browser_version=browser.version)
        yield Running(known, browser=browser, defaults=defaults(options))


def _wait(browser: Browser, found: Extension) -> None:
    """Wait until Firefox opens the extension's own files, which it does only while it runs."""
    from playwright.sync_api import Error

    context = browser.new_context()
    tab = PlaywrightTab(context.new_page(), context.close)

    def active() -> bool:
        try:
            tab.goto(f"moz-extension://{found.uuid}/manifest.json")
        except Error:
            return False
        return True

    try:
        until(active, SECONDS, f"Firefox did not start {found.id} within {SECONDS} s")
    finally:
        # Closing an extension's tab is never confirmed, so navigate away from it first.
        tab.goto("about:blank")
        tab.close()


def unpacked(folder: Path) -> Extension:
    """Return the extension in a folder; raise `NotRun` if there is none."""
    if not (folder / "manifest.json").exists():
        raise NotRun(f"{folder} contains no extension")
    return Extension(folder)
