"""Browsers of the matrix, each started by its name."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.matrix.environment import Tab
from bench.matrix.tabs import PlaywrightTab, WebKitTab
from detector.qa import adhosts, ublock
from detector.qa.browsers import CHROMIUM, chromium_args, launch_firefox
from detector.qa.internet import Internet
from detector.qa.power import ARGS, PowerButton
from detector.qa.profiles import PROFILES, UBLOCK_PREFS, Running, wait_until_blocking
from detector.qa.webkit import easylist_rules, start_webkit, webkit_profile

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Playwright

Prefs = Mapping[str, str | float | bool]
# One of the other detectors asks this host, which answers anybody.
ASKED_HOST = "www3.doubleclick.net"
AD_HOSTS = tuple(sorted({*adhosts.HOSTS, ASKED_HOST} - {adhosts.HARMLESS_HOST}))


class Started:
    """A running browser: its label, and a tab of a fresh visitor each time."""

    def __init__(self, label: str, tab: Callable[[Mapping[str, Any]], Tab]) -> None:
        self.label = label
        self.tab = tab


MEDIUM_MODE = """async (toAdd) => {
  const advanced = { what: "userSettings", name: "advancedUserEnabled", value: true };
  await vAPI.messaging.send("default", advanced);
  const rules = { what: "modifyRuleset", permanent: false, toAdd, toRemove: "" };
  await vAPI.messaging.send("dashboard", rules);
}"""
Start = Callable[["Playwright", Internet], AbstractContextManager[Started]]


def visitors(browser: Browser) -> Callable[[Mapping[str, Any]], Tab]:
    """Give each tab a context of its own."""

    def tab(options: Mapping[str, Any]) -> Tab:
        context = browser.new_context(**{"ignore_https_errors": True, **options})
        return PlaywrightTab(context.new_page(), context.close)

    return tab


def only_visitor(context: BrowserContext) -> Callable[[Mapping[str, Any]], Tab]:
    """Give tabs of the one context in which extensions or private mode act."""

    def tab(options: Mapping[str, Any]) -> Tab:
        context.clear_cookies()
        page = context.new_page()
        return PlaywrightTab(page, page.close)

    return tab


@contextmanager
def chromium(
    playwright: Playwright,
    net: Internet,
    *,
    proxy: str | None = "",
    args: tuple[str, ...] = (),
    program: str = "",
    label: str = "",
) -> Iterator[Started]:
    """Start Chromium; `proxy` None means none, empty the test internet's own."""
    browser = playwright.chromium.launch(
        executable_path=program or CHROMIUM.find(),
        # A service worker is fetched outside of any context, whose switch does not reach it.
        args=[*chromium_args(), "--ignore-certificate-errors", *args],
        proxy=None if proxy is None else {"server": proxy or net.proxy_url},
        ignore_default_args=["--disable-back-forward-cache"],
    )
    try:
        yield Started(f"Chromium {browser.version}{label}", visitors(browser))
    finally:
        browser.close()


@contextmanager
def with_extension(
    playwright: Playwright, net: Internet, folder: Path, label: str
) -> Iterator[Started]:
    """Start Chromium with an unpacked extension; it acts in the profile's own context only."""
    with tempfile.TemporaryDirectory(prefix="chromium-profile-") as profile:
        context = playwright.chromium.launch_persistent_context(
            profile,
            executable_path=CHROMIUM.find(),
            args=[
                *chromium_args(),
                "--ignore-certificate-errors",
                f"--load-extension={folder}",
                f"--disable-extensions-except={folder}",
                # Without this switch Chromium's own builds ignore --load-extension.
                "--disable-features=DisableLoadExtensionCommandLineSwitch",
            ],
            ignore_default_args=["--disable-extensions"],
            proxy={"server": net.proxy_url},
            ignore_https_errors=True,
        )
        try:
            worker = next(iter(context.service_workers), None)
            worker = worker or context.wait_for_event("serviceworker", timeout=60_000)
            worker.evaluate("() => globalThis.ready")
            version = context.browser.version if context.browser else ""
            yield Started(f"Chromium {version} + {label}".strip(), only_visitor(context))
        finally:
            context.close()


@contextmanager
def firefox(
    playwright: Playwright, net: Internet, *, prefs: Prefs | None = None
) -> Iterator[Started]:
    """Start Firefox without a blocker."""
    with launch_firefox(playwright, net, prefs=prefs) as browser:
        yield Started(f"Firefox {browser.version}", visitors(browser))


@contextmanager
def firefox_alone(playwright: Playwright, net: Internet, *, prefs: Prefs) -> Iterator[Started]:
    """Start Firefox for tabs of its first context: private windows have no others."""
    with launch_firefox(playwright, net, prefs=prefs) as browser:
        yield Started(f"Firefox {browser.version}", only_visitor(browser.contexts[0]))


@contextmanager
def ublock_origin(
    playwright: Playwright, net: Internet, *, medium: bool = False
) -> Iterator[Started]:
    """Start Firefox with the real uBlock Origin, in its default or its medium mode."""
    package = ublock.Package.required()
    package.serve_updates(net)
    with launch_firefox(playwright, net, prefs=UBLOCK_PREFS, args=ARGS) as browser:
        profile = replace(
            PROFILES["ublock-origin"],
            version=package.version,
            list_date=package.list_date,
            browser_version=browser.version,
        )
        wait_until_blocking(Running(profile, browser), net)
        if medium:
            Dashboard(browser).block_third_party_code()
        yield Started(profile.label + (", medium mode" if medium else ""), visitors(browser))


class Dashboard(PowerButton):
    """What uBlock Origin's own pages can set beside the power button."""

    def block_third_party_code(self) -> None:
        """Set what its documentation calls medium mode: the rules, and that such rules count."""
        with self._opened() as page:
            page.evaluate(MEDIUM_MODE, "* * 3p-script block\n* * 3p-frame block")


@contextmanager
def webkit(playwright: Playwright, net: Internet, *, rules: bool = False) -> Iterator[Started]:
    """Start WebKitGTK, with EasyList as a content blocker's rules or without."""
    with start_webkit(net, easylist_rules() if rules else None, waits=False) as driver:
        label = webkit_profile(driver, blocked=rules).label
        yield Started(label, lambda options: WebKitTab(driver))


TRACKING_HOSTS = ",".join(host.removeprefix("*.") for host in AD_HOSTS)
TRACKING_PREFS: Prefs = {
    "privacy.trackingprotection.enabled": True,
    "privacy.trackingprotection.annotate_channels": True,
    "urlclassifier.trackingTable.testEntries": TRACKING_HOSTS,
    "urlclassifier.trackingAnnotationTable.testEntries": TRACKING_HOSTS,
    # The stand-ins that Firefox puts in the place of well-known scripts.
    "extensions.webcompat.enable_shims": True,
}
PRIVATE_PREFS: Prefs = {"browser.privatebrowsing.autostart": True}
