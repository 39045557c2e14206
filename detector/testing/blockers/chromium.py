"""Starts Chromium as blockers need it: plain, or with an engine on top."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from detector.testing.blockers.model import Blocker, Options
from detector.testing.blockers.running import Running
from detector.testing.browsers import CHROMIUM, HEADLESS_SHELL, BrowserMissing, chromium_args

if TYPE_CHECKING:
    from playwright.sync_api import Playwright

_PLATFORM = {"darwin": "Macintosh; Intel Mac OS X 10_15_7", "win32": "Windows NT 10.0; Win64; x64"}


def arguments(options: Options, *more: str) -> list[str]:
    """Return the arguments for Chromium."""
    args = [*chromium_args(), *more]
    if options.net is not None:
        # A service worker is fetched outside of any context, so a context's option misses it.
        args.append("--ignore-certificate-errors")
    if options.hide_automation:
        args.append("--disable-blink-features=AutomationControlled")
        if number := _major_version(CHROMIUM.find()):
            system = _PLATFORM.get(sys.platform, "X11; Linux x86_64")
            args.append(
                f"--user-agent=Mozilla/5.0 ({system}) AppleWebKit/537.36 (KHTML, like Gecko) "
                f"Chrome/{number}.0.0.0 Safari/537.36"
            )
    return args


def launched(options: Options, *more: str, **ours: Any) -> dict[str, Any]:
    """Return the arguments of Playwright's `launch`: ours, merged with those of the options."""
    given = dict(options.launch)
    net = options.net
    return {
        "executable_path": given.get("executable_path") or CHROMIUM.find(),
        "headless": options.headless,
        "proxy": {"server": net.proxy_url} if net else None,
        **ours,
        **given,
        "args": [*arguments(options, *more), *given.get("args", ())],
        "ignore_default_args": [
            *ours.get("ignore_default_args", ()),
            *given.get("ignore_default_args", ()),
        ],
    }


def _major_version(program: str) -> str:
    if sys.platform == "win32":  # the switch would open a window there; a folder has the version
        names = [path.name for path in Path(program).parent.glob("[0-9]*.*")]
        return max((name.partition(".")[0] for name in names), key=int, default="")
    told = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    found = re.search(r"\b(\d+)\.\d+", told.stdout)
    return found[1] if found else ""


def defaults(options: Options) -> dict[str, Any]:
    """Return the options that every context is opened with."""
    return {"ignore_https_errors": True} if options.net is not None else {}


def shell_path(options: Options) -> str:
    """Return the path of the headless shell where the options ask for it; else an empty text."""
    if not (options.headless_shell and options.headless) or "executable_path" in options.launch:
        return ""
    try:
        return HEADLESS_SHELL.find()
    except BrowserMissing:
        return ""


@contextmanager
def start_chromium(
    blocker: Blocker, playwright: Playwright, options: Options, *, pac: str = "", **running: Any
) -> Iterator[Running]:
    """Start Chromium; `pac` is the address of a proxy script, `running` is passed to `Running`."""
    settings: dict[str, Any] = {"proxy": None} if pac else {}
    shell = shell_path(options)
    if shell:
        settings["executable_path"] = shell
    more = [f"--proxy-pac-url={pac}"] if pac else []
    browser = playwright.chromium.launch(**launched(options, *more, **settings))
    try:
        version = f"{browser.version} (headless shell)" if shell else browser.version
        known = replace(blocker, browser_version=version)
        yield Running(known, browser=browser, defaults=defaults(options), **running)
    finally:
        browser.close()
