"""Starts Firefox with an extension that the user has added, signed or not."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from detector.testing.blockers.added import archive, entries
from detector.testing.blockers.chromium import defaults
from detector.testing.blockers.firefox import launch_firefox, no_robot
from detector.testing.blockers.model import Blocker, Options
from detector.testing.blockers.readiness_probe import wait_until_any
from detector.testing.blockers.running import Running

if TYPE_CHECKING:
    from playwright.sync_api import Playwright

PREFS: dict[str, str | float | bool] = {
    # The profile's extensions alone, without a question, and without a signature.
    "extensions.enabledScopes": 1,
    "extensions.autoDisableScopes": 0,
    "extensions.startupScanScopes": 15,
    "xpinstall.signatures.required": False,
    # The one that was added stays the one that is tested.
    "extensions.update.enabled": False,
}


@contextmanager
def start_addon(blocker: Blocker, playwright: Playwright, options: Options) -> Iterator[Running]:
    """Start Firefox with an added extension, and wait until it blocks."""
    source = archive(blocker.name, options)
    identity = entries(options)[blocker.name].id

    def install(profile: Path) -> None:
        (profile / "extensions").mkdir(exist_ok=True)
        shutil.copyfile(source, profile / "extensions" / f"{identity}.xpi")

    with launch_firefox(playwright, options, PREFS, prepare=install) as browser:
        known = replace(blocker, browser_version=browser.version)
        with closing(browser.new_context()) as context:
            wait_until_any(context.new_page, known.label)
        prepare = no_robot(options)
        yield Running(known, browser=browser, defaults=defaults(options), prepare=prepare)
