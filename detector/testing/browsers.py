"""Finds the browsers of this machine, and keeps them quiet behind the test internet."""

from __future__ import annotations

import glob
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from detector.testing.internet import Internet


@dataclass(frozen=True)
class Installed:
    """Where a browser may be installed, and the command that installs it."""

    title: str
    commands: tuple[str, ...]
    paths: tuple[str, ...]
    debian: str
    macos: str
    windows: str

    def find(self) -> str:
        """Return the path of the program; raise `BrowserMissing` if there is none."""
        for command in self.commands:
            if path := shutil.which(command):
                return path
        for pattern in self.paths:
            for path in sorted(glob.glob(os.path.expandvars(pattern)), reverse=True):
                return path
        raise BrowserMissing(
            f"{self.title} is not on this machine. Install it: Debian `{self.debian}`, "
            f"macOS `{self.macos}`, Windows `{self.windows}`."
        )


class BrowserMissing(RuntimeError):
    """A browser or blocker is not installed; the message names the command that installs it."""


CHROMIUM = Installed(
    "Chromium",
    ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"),
    (
        "/Applications/Chromium.app/Contents/MacOS/Chromium",
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        r"${PROGRAMFILES}\Google\Chrome\Application\chrome.exe",
    ),
    "apt-get install chromium",
    "brew install --cask google-chrome",
    "winget install Google.Chrome",
)
HEADLESS_SHELL = Installed(
    "Chromium's headless shell",
    ("chromium-headless-shell", "chrome-headless-shell"),
    (),
    "apt-get install chromium-headless-shell",
    "npx @puppeteer/browsers install chrome-headless-shell",
    "npx @puppeteer/browsers install chrome-headless-shell",
)
FIREFOX = Installed(
    "Firefox",
    ("firefox-esr", "firefox"),
    (
        "/Applications/Firefox*.app/Contents/MacOS/firefox",
        r"${PROGRAMFILES}\Mozilla Firefox\firefox.exe",
    ),
    "apt-get install firefox-esr",
    "brew install --cask firefox",
    "winget install Mozilla.Firefox.ESR",
)
WEBKIT_DRIVER = Installed(
    "WebKitGTK's driver",
    ("WebKitWebDriver",),
    ("/usr/libexec/webkit*/WebKitWebDriver",),
    "apt-get install webkit2gtk-driver",
    "(none: run this test in a Debian container)",
    "(none: run this test in a Debian container)",
)
MINIBROWSER = Installed(
    "WebKitGTK's MiniBrowser",
    (),
    ("/usr/lib/*/webkit2gtk-4.*/MiniBrowser", "/usr/libexec/webkit2gtk-4.*/MiniBrowser"),
    WEBKIT_DRIVER.debian,
    WEBKIT_DRIVER.macos,
    WEBKIT_DRIVER.windows,
)
XVFB = Installed(
    "Xvfb",
    ("Xvfb",),
    (),
    "apt-get install xvfb",
    WEBKIT_DRIVER.macos,
    WEBKIT_DRIVER.windows,
)

CHROMIUM_ARGS = (
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--no-first-run",
    "--no-pings",
)
# Requests that Firefox would send by itself, and settings that would change a test's addresses.
FIREFOX_PREFS: Mapping[str, str | float | bool] = {
    "app.update.auto": False,
    "browser.safebrowsing.downloads.remote.enabled": False,
    "browser.safebrowsing.malware.enabled": False,
    "browser.safebrowsing.phishing.enabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "dom.security.https_first": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "network.dns.disablePrefetch": True,
    "network.prefetch-next": False,
    "toolkit.telemetry.enabled": False,
}


def chromium_args() -> list[str]:
    """Return the arguments for Chromium; as root it starts only without its sandbox."""
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    return [*CHROMIUM_ARGS, *(["--no-sandbox"] if root else [])]


def firefox_prefs(net: Internet | None) -> dict[str, str | float | bool]:
    """Return the preferences for Firefox, including those that put it behind a test internet.

    Playwright's own `proxy=` does not affect a stock Firefox, hence preferences.
    """
    if net is None:
        return dict(FIREFOX_PREFS)
    proxy = urlsplit(net.proxy_url)
    host, port = str(proxy.hostname), int(proxy.port or 0)
    return {
        **FIREFOX_PREFS,
        "network.proxy.type": 1,
        "network.proxy.http": host,
        "network.proxy.http_port": port,
        "network.proxy.ssl": host,
        "network.proxy.ssl_port": port,
    }
