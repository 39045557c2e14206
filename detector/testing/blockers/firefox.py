"""Starts Firefox as blockers need it: plain, and with its own tracking protection."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from detector.testing import adhosts
from detector.testing.blockers.chromium import defaults
from detector.testing.blockers.lists import filter_lists, hosts, newest
from detector.testing.blockers.model import Blocker, Options
from detector.testing.blockers.running import NO_ROBOT, Running
from detector.testing.browsers import FIREFOX, firefox_prefs

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Playwright

Prefs = Mapping[str, str | float | bool]
# A preference cannot hold a list of fifty thousand.
MOST_HOSTS = 2000


def no_robot(options: Options) -> list[Callable[[BrowserContext], object]]:
    """Return the init scripts that hide from pages that Firefox is automated."""
    if not options.hide_automation:
        return []
    return [lambda context: context.add_init_script(NO_ROBOT)]


def environment(home: Path) -> dict[str, str | float | bool] | None:
    """Return the environment for Firefox, None for our own; `home` may replace the home folder.

    As root it refuses to start in another user's home, which is what jobs in containers have.
    """
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return None
    try:
        mine = Path(os.environ.get("HOME", "/")).stat().st_uid == 0
    except OSError:
        mine = True  # Firefox does not check further either
    return None if mine else {**os.environ, "HOME": str(home)}


@contextmanager
def launch_firefox(
    playwright: Playwright,
    options: Options,
    prefs: Prefs,
    *args: str,
    prepare: Callable[[Path], object] | None = None,
) -> Iterator[Browser]:
    """Start the machine's stock Firefox in a profile; `prepare` is called with it before the start.

    The certificates of the test internet are accepted in the whole browser: background requests of
    an extension belong to no context, and would fail with a context's `ignore_https_errors`.
    """
    given: dict[str, Any] = dict(options.launch)
    with tempfile.TemporaryDirectory(prefix="firefox-profile-") as fresh:
        profile = Path(given.pop("user_data_dir", fresh))
        if prepare is not None:
            prepare(profile)
        settings = {
            "channel": "moz-firefox",
            "executable_path": FIREFOX.find(),
            "headless": options.headless,
            "ignore_https_errors": options.net is not None,
            "env": environment(profile),
            **given,
            "args": [*args, *given.get("args", ())],
            "firefox_user_prefs": {
                **firefox_prefs(options.net),
                **prefs,
                **given.get("firefox_user_prefs", {}),
            },
        }
        context = playwright.firefox.launch_persistent_context(profile, **settings)
        try:
            if context.browser is None:
                raise RuntimeError("this Playwright has no browser for Firefox; 1.57 to 1.64 do")
            yield context.browser
        finally:
            context.close()


@contextmanager
def start_firefox(
    blocker: Blocker, playwright: Playwright, options: Options, prefs: Prefs | None = None
) -> Iterator[Running]:
    """Start Firefox without an extension."""
    with launch_firefox(playwright, options, prefs or {}) as browser:
        known = replace(blocker, browser_version=browser.version)
        prepare = no_robot(options)
        yield Running(known, browser=browser, defaults=defaults(options), prepare=prepare)


def tracking_prefs(options: Options) -> dict[str, str | float | bool]:
    """Return the preferences of strict tracking protection, with hosts in place of its own list.

    A fresh profile has not fetched that list yet, and would do so by itself.
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
        # The stand-ins with which Firefox replaces well-known scripts.
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
