"""Environments: a browser, a site, its faults, and the expected answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from detector.testing.internet import Internet

Answer = dict[str, Any]
Wanted = tuple[str, str | None]

CLEAR: Wanted = ("clear", None)
UNREACHABLE: Wanted = ("unreachable", "network")
EXTENSION: Wanted = ("blocked", "extension")
BLOCKED: Wanted = ("blocked", None)
SHIELDS: Wanted = ("blocked", "browser")
# Baits are missing, but no blocker is on the page: any answer that accuses nobody.
NOT_ACCUSED: tuple[Wanted, ...] = (UNREACHABLE, CLEAR, ("unknown", None))
# There is no verdict while the page is hidden.
HIDDEN = "none, then "


class NotRun(RuntimeError):
    """Raised if an environment cannot be set up on this machine; the message says why."""


class Tab(Protocol):
    """A tab of a new visitor; `page` is Playwright's, for visits that require it."""

    page: Any

    def goto(self, url: str) -> None:
        """Go to a page, without waiting for everything that it loads."""

    def run(self, function: str, argument: Any = None) -> Any:
        """Run a JavaScript function that may return a promise."""

    def picture(self) -> bytes:
        """Capture a screenshot."""

    def close(self) -> None:
        """Close the tab and delete its visitor's data."""


Read = Callable[[Tab], Answer]
Visit = Callable[[Tab, str, Read], Answer]
# See conditions.py.
Holds = Callable[[Tab, Internet], bool]


def plain(tab: Tab, url: str, read: Read) -> Answer:
    """Visit as most people do."""
    tab.goto(url)
    return read(tab)


@dataclass(frozen=True)
class Change:
    """Changes to the site: its pages, their headers, further files.

    `html` takes a page and the class names of the day's bait elements.
    """

    html: Callable[[str, tuple[str, ...]], str] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, tuple[str, bytes]] = field(default_factory=dict)


@dataclass(frozen=True)
class Environment:
    """One row of the matrix."""

    name: str
    group: str
    browser: str
    wanted: tuple[Wanted, ...]
    how: str
    # Polled after the verdict: whether the environment was what `how` says.
    holds: Holds
    real: bool = True
    site: Change = Change()
    faults: Callable[[Internet], object] | None = None
    visit: Visit = plain
    # Options of Playwright's `new_context`.
    options: Mapping[str, Any] = field(default_factory=dict)
    scheme: str = "https"
    # The site's secret, from which its baits are drawn; by default one of the row's own.
    secret: str = ""

    @property
    def label(self) -> str:
        """Whether visitors have this very thing."""
        return "real" if self.real else "emulation"

    def right(self, answer: Answer) -> bool:
        """Whether the detector's verdict is the expected one."""
        return (answer.get("state"), answer.get("kind")) in self.wanted

    def peer_right(self, told: str) -> bool:
        """Whether another detector, which knows only blocked or not, is right."""
        return (told == "true") == (self.group == "blocked")
