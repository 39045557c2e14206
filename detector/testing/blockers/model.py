"""What a blocker is called, whether it is real, and how it is started."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from detector.testing.internet import Internet

# A name stands in commands, in the ids of tests and in names of files.
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
ENGINE = "Brave's engine over Playwright"
"""What emulations that match lists with the package `adblock` say of their lists."""

ENGINES = {"chromium": "Chromium", "firefox": "Firefox", "webkit": "WebKitGTK"}


class UnknownBlocker(ValueError):
    """A name that no blocker has; the message lists the known ones."""


def checked_name(name: str) -> None:
    """Raise UnknownBlocker if a text is no name for an extension."""
    if not _NAME.fullmatch(name):
        raise UnknownBlocker(
            f"{name!r} is not a name for an extension: use a-z, digits, '-', '_' and '.', "
            "at most 64 of them"
        )


class BlockerError(RuntimeError):
    """A blocker or one of its lists does not work; the message says which and how to fix it."""


@dataclass(frozen=True)
class Blocker:
    """A browser with its blocker.

    `real` means that visitors have this very blocker, else it is an emulation; `acts` whether it
    acts on pages (`page`), on the network alone (`network`) or not at all (`none`). `version` and
    `list_date` are the blocker's; they and `browser_version` are known once it runs.
    """

    name: str
    title: str
    engine: str
    real: bool
    acts: str = "page"
    driver: str = "playwright"
    lists: str = ""
    version: str | None = None
    list_date: str | None = None
    browser_version: str | None = None

    @property
    def expected_state(self) -> str:
        """The state that our detector reports if everything works: none of these acts halfway."""
        return {"page": "blocked", "network": "unreachable", "none": "clear"}[self.acts]

    @property
    def label(self) -> str:
        """One line for reports: browser and blocker, real or emulation, versions, list date."""
        browser = f"{ENGINES[self.engine]} {self.browser_version or ''}".strip()
        if self.acts == "none":
            return browser
        version = f" {self.version}" if self.version else ""
        kind = "real" if self.real else "emulation"
        lists = f", {self.lists}" if self.lists else ""
        date = f", lists of {self.list_date}" if self.list_date else ""
        return f"{browser} + {self.title}{version} ({kind}{lists}{date})"


def named_paths(texts: Iterable[str]) -> tuple[dict[str, str], str]:
    """Parse NAME=PATH pairs; return them for `Options.extensions`, and ublock-origin's path."""
    found: dict[str, str] = {}
    for text in texts:
        name, _, path = text.partition("=")
        if not name or not path:
            raise BlockerError(f"--blocker-extension {text}: pass a name and a path, as NAME=PATH")
        found[name] = path
    return found, found.pop("ublock-origin", "")


@dataclass(frozen=True)
class Options:
    """How blockers are started.

    `filter_lists`: files or addresses; none means those of Debian's uBlock Origin package.
    `extension`: an .xpi or folder of uBlock Origin for Firefox in place of Debian's package.
    `extensions`: names and Manifest V3 folders or zips for Chromium, each one a blocker of its
    own. `headless_shell`: where it is installed and no extension is needed, Chromium's program
    without windows, with the same engine and a third of the processor time. `hide_automation`:
    pages then do not recognise a robot (`navigator.webdriver`, "Headless"); our detector
    neither counts nor asks robots. `net`: a closed test internet, else the machine's own.
    `cache`: where fetched lists and compiled engines are stored, by default the user's cache
    folder. `launch`: further arguments by the names of Playwright's `launch`: `args`,
    `ignore_default_args` and `firefox_user_prefs` are added to ours, anything else (`proxy`,
    `executable_path`, `user_data_dir` in Firefox) replaces ours. WebKitGTK accepts only
    Selenium's `page_load_strategy`.
    """

    filter_lists: tuple[str, ...] = ()
    extension: str = ""
    extensions: Mapping[str, str] = field(default_factory=dict)
    headless: bool = True
    headless_shell: bool = False
    hide_automation: bool = True
    net: Internet | None = None
    cache: Path | None = None
    launch: Mapping[str, Any] = field(default_factory=dict)
