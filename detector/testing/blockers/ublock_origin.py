"""Starts Firefox with the real uBlock Origin: Debian's package, or a file that the user names."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from detector.testing import ublock
from detector.testing.blockers.chromium import defaults
from detector.testing.blockers.firefox import launch_firefox, no_robot
from detector.testing.blockers.model import Blocker, BlockerError, Options
from detector.testing.blockers.readiness_probe import HOST, wait_until_acting
from detector.testing.blockers.running import Running
from detector.testing.power_button import ARGS, PowerButton

if TYPE_CHECKING:
    from playwright.sync_api import Playwright

PREFS: dict[str, str | float | bool] = {
    # Without these three Firefox leaves system extensions switched off.
    "extensions.enabledScopes": 15,
    "extensions.autoDisableScopes": 0,
    "extensions.startupScanScopes": 15,
    "extensions.webextensions.uuids": json.dumps({ublock.ID: ublock.UUID}),
    "network.dns.localDomains": HOST,
}


@contextmanager
def start_ublock(blocker: Blocker, playwright: Playwright, options: Options) -> Iterator[Running]:
    """Start Firefox with the real uBlock Origin and its own lists, and wait until it blocks."""
    prefs = dict(PREFS)
    prepare: Callable[[Path], object] | None = None
    if options.extension:
        version, date = _given_version(options.extension), None
        # Otherwise the system's package would be loaded too.
        prefs["extensions.enabledScopes"] = 1
        prefs["xpinstall.signatures.required"] = False
        prepare = _installer(options.extension)
    else:
        package = ublock.Package.required()
        version, date = package.version, package.list_date
        if options.net is not None:
            package.serve_updates(options.net)
    with launch_firefox(playwright, options, prefs, *ARGS, prepare=prepare) as browser:
        known = replace(blocker, version=version, list_date=date, browser_version=browser.version)
        power = PowerButton(browser)
        running = Running(
            known,
            browser=browser,
            defaults=defaults(options),
            prepare=no_robot(options),
            power=power,
        )
        wait_until_acting(running, options.net)
        if options.net is None:
            # No updates of its lists, so that the date in reports stays true.
            power.set_user_setting("autoUpdate", False)
        yield running


def _given_version(path: str) -> str:
    option = f"--extension {path}"
    try:
        if Path(path).is_dir():
            text = (Path(path) / "manifest.json").read_text("utf-8-sig")
        else:
            with zipfile.ZipFile(path) as file:
                text = file.read("manifest.json").decode("utf-8-sig")
        manifest: Any = json.loads(text)
        given = manifest.get("browser_specific_settings", manifest.get("applications", {}))
        identity = given.get("gecko", {}).get("id", "")
    except (OSError, KeyError, ValueError, AttributeError, zipfile.BadZipFile) as error:
        raise BlockerError(
            f"{option}: is not an extension ({error}); name the .xpi of uBlock Origin for Firefox, "
            "or the folder of one"
        ) from None
    if identity != ublock.ID:
        raise BlockerError(
            f"{option}: is {identity or 'without an id for Firefox'}, not uBlock Origin for "
            f"Firefox ({ublock.ID}); extensions for Chromium go to --blocker-extension"
        )
    return str(manifest.get("version", ""))


def _installer(path: str) -> Callable[[Path], object]:
    def prepare(profile: Path) -> None:
        folder = profile / "extensions"
        folder.mkdir(exist_ok=True)
        goal = folder / f"{ublock.ID}.xpi"
        source = Path(path)
        if source.is_file():
            goal.write_bytes(source.read_bytes())
            return
        with zipfile.ZipFile(goal, "w", zipfile.ZIP_DEFLATED) as file:
            for one in sorted(source.rglob("*")):
                if one.is_file():
                    file.write(one, one.relative_to(source))

    return prepare
