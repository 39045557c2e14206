"""Starts Firefox as blockers need it: plain, with uBlock Origin, with its tracking protection."""

from __future__ import annotations

import json
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from detector.qa import adhosts, ublock
from detector.qa.blockers.chromium import defaults
from detector.qa.blockers.lists import filter_lists, hosts, newest
from detector.qa.blockers.loopback import ready_site
from detector.qa.blockers.model import Blocker, BlockerError, Options
from detector.qa.blockers.running import NO_ROBOT, Running
from detector.qa.browsers import launch_firefox
from detector.qa.power import ARGS, PowerButton
from detector.qa.profiles import READY_CHECK, READY_HOST, READY_SECONDS, UBLOCK_PREFS, ready_answer

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Playwright

Prefs = Mapping[str, str | float | bool]
# A preference holds no list of fifty thousand.
MOST_HOSTS = 2000


def no_robot(options: Options) -> list[Callable[[BrowserContext], object]]:
    """Return what hides from pages that Firefox is driven."""
    if not options.hide_automation:
        return []
    return [lambda context: context.add_init_script(NO_ROBOT)]


@contextmanager
def start_firefox(
    blocker: Blocker, playwright: Playwright, options: Options, prefs: Prefs | None = None
) -> Iterator[Running]:
    """Start Firefox without an extension."""
    with launch_firefox(playwright, options.net, prefs=prefs, headless=options.headless) as browser:
        known = replace(blocker, browser_version=browser.version)
        prepare = no_robot(options)
        yield Running(known, browser=browser, defaults=defaults(options), prepare=prepare)


def tracking_prefs(options: Options) -> dict[str, str | float | bool]:
    """Return the preferences of strict tracking protection, with hosts in place of its own list.

    A fresh profile has not fetched that list yet, and would on its own account.
    """
    known = set(adhosts.HOSTS) - {adhosts.HARMLESS_HOST}
    names = sorted(host.removeprefix("*.") for host in known)
    if options.filter_lists:
        names = hosts(filter_lists(options))[:MOST_HOSTS]
    table = ",".join(names)
    return {
        "privacy.trackingprotection.enabled": True,
        "privacy.trackingprotection.annotate_channels": True,
        "urlclassifier.trackingTable.testEntries": table,
        "urlclassifier.trackingAnnotationTable.testEntries": table,
        # The stand-ins that Firefox puts in the place of well-known scripts.
        "extensions.webcompat.enable_shims": True,
    }


@contextmanager
def start_tracking_protection(
    blocker: Blocker, playwright: Playwright, options: Options
) -> Iterator[Running]:
    """Start Firefox with its own tracking protection switched on."""
    if options.filter_lists:
        blocker = replace(blocker, list_date=newest(filter_lists(options)))
    with start_firefox(blocker, playwright, options, tracking_prefs(options)) as running:
        yield running


@contextmanager
def start_ublock(blocker: Blocker, playwright: Playwright, options: Options) -> Iterator[Running]:
    """Start Firefox with the real uBlock Origin and its own lists, and wait until it blocks."""
    prefs = dict(UBLOCK_PREFS)
    if options.extension:
        version, date = _given_version(options.extension), None
        # Else the system's package would be there twice.
        prefs["extensions.enabledScopes"] = 1
        prefs["xpinstall.signatures.required"] = False
        prepare = _installer(options.extension)
    else:
        package = ublock.Package.required()
        version, date, prepare = package.version, package.list_date, None
        if options.net is not None:
            package.serve_updates(options.net)
    prefs["network.dns.localDomains"] = READY_HOST
    with launch_firefox(
        playwright, options.net, prefs=prefs, args=ARGS, headless=options.headless, prepare=prepare
    ) as browser:
        known = replace(blocker, version=version, list_date=date, browser_version=browser.version)
        running = Running(
            known,
            browser=browser,
            defaults=defaults(options),
            prepare=no_robot(options),
            power=PowerButton(browser),
        )
        _wait_until_blocking(running, options)
        if options.net is None:
            _keep_lists(browser)
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
            f"{option}: is no extension ({error}); name the .xpi of uBlock Origin for Firefox, or "
            "the folder of one"
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


def _wait_until_blocking(running: Running, options: Options) -> None:
    if options.net is not None:
        options.net.answer(READY_HOST, ready_answer)
        _ask_until_blocking(running, f"https://{READY_HOST}/")
        return
    with ready_site() as port:
        _ask_until_blocking(running, f"http://{READY_HOST}:{port}/")


def _ask_until_blocking(running: Running, url: str) -> None:
    page = running.new_page()
    try:
        deadline = time.monotonic() + READY_SECONDS
        while True:
            page.goto(url)
            if page.evaluate(READY_CHECK):
                return
            if time.monotonic() > deadline:
                raise BlockerError(
                    f"{running.blocker.label} blocked nothing within {READY_SECONDS} s of its "
                    "start; is the extension active?"
                )
    finally:
        page.context.close()


def _keep_lists(browser: Browser) -> None:
    """Have the extension fetch no lists of its own, so that the date in reports stays true."""
    PowerButton(browser).set_user_setting("autoUpdate", False)
