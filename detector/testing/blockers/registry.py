"""Every blocker by its name, with what starts it and what it needs."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from detector.testing.blockers.added import Added, entries
from detector.testing.blockers.chromium import start_chromium
from detector.testing.blockers.emulated import start_content_rules, start_dns, start_engine
from detector.testing.blockers.extension import start_added, start_extension
from detector.testing.blockers.firefox import start_firefox, start_tracking_protection
from detector.testing.blockers.firefox_addon import start_addon
from detector.testing.blockers.firefox_native import start_native
from detector.testing.blockers.model import (
    ENGINE,
    Blocker,
    Options,
    UnknownBlocker,
    checked_name,
)
from detector.testing.blockers.needs import (
    needs_added,
    needs_engine,
    needs_extension,
    needs_lists,
    needs_package,
)
from detector.testing.blockers.running import Running
from detector.testing.blockers.ublock_origin import start_ublock


@dataclass(frozen=True)
class Registered:
    """A blocker; `start` takes it, Playwright's object and the options.

    `needs` raises BrowserMissing or BlockerError for what is missing beside browser and driver.
    """

    blocker: Blocker
    start: Callable[[Blocker, Any, Options], AbstractContextManager[Running]]
    needs: Callable[[Blocker, Options], None] | None = None


REGISTRY = (
    Registered(Blocker("none", "nothing", "chromium", True, "none"), start_chromium),
    Registered(Blocker("none-firefox", "nothing", "firefox", True, "none"), start_firefox),
    Registered(
        Blocker("none-webkit", "nothing", "webkit", True, "none", driver="selenium"),
        start_content_rules,
    ),
    Registered(
        Blocker("ublock-origin", "uBlock Origin", "firefox", True), start_ublock, needs_package
    ),
    Registered(
        Blocker("easylist", "filter lists", "chromium", False, lists=ENGINE),
        start_engine,
        needs_engine,
    ),
    Registered(
        Blocker("brave-standard", "Brave's standard mode", "chromium", False, lists=ENGINE),
        start_engine,
        needs_engine,
    ),
    Registered(
        Blocker("brave-aggressive", "Brave's aggressive mode", "chromium", False, lists=ENGINE),
        start_engine,
        needs_engine,
    ),
    Registered(
        Blocker("dns", "a DNS blocker", "chromium", False, "network", lists="hosts refused"),
        start_dns,
        needs_lists,
    ),
    Registered(
        Blocker(
            "tracking-protection",
            "tracking protection",
            "firefox",
            True,
            "network",
            lists="ad hosts in place of its own list",
        ),
        start_tracking_protection,
    ),
    Registered(
        Blocker(
            "firefox-native",
            "Firefox's own engine",
            "firefox",
            True,
            "network",
            lists="on filter lists",
        ),
        start_native,
        needs_lists,
    ),
    Registered(
        Blocker(
            "content-blocker",
            "content rules",
            "webkit",
            False,
            driver="selenium",
            lists="rules made from EasyList",
        ),
        start_content_rules,
        needs_lists,
    ),
)
"""The blockers of the kit; nothing else needs to know a new one."""


def check_own_name(name: str) -> None:
    """Raise `UnknownBlocker` if the user's extension cannot have a name."""
    checked_name(name)
    if any(one.blocker.name == name for one in REGISTRY):
        raise UnknownBlocker(
            f"an extension cannot be called {name!r}: a blocker has that name; choose another"
        )


def records(options: Options) -> dict[str, Registered]:
    """Return all blockers by name with their starters, the user's own among them."""
    ours = {one.blocker.name: one for one in REGISTRY}
    # Ours come first and last: a later release may have a name that the user took.
    found = {**ours, **{name: _added(one) for name, one in entries(options).items()}, **ours}
    for name in options.extensions:
        check_own_name(name)
        blocker = Blocker(name, name, "chromium", True, lists="extension")
        found[name] = Registered(blocker, start_extension, needs_extension)
    return found


def _added(one: Added) -> Registered:
    blocker = Blocker(
        one.name, one.title or one.name, one.engine, True, lists=one.mark, version=one.version
    )
    start = start_addon if one.engine == "firefox" else start_added
    return Registered(blocker, start, needs_added)


def names(options: Options | None = None) -> list[str]:
    """Return the names of all blockers."""
    return list(records(options or Options()))


def find(name: str, options: Options | None = None) -> Blocker:
    """Return a blocker by its name, or raise `UnknownBlocker` with the names there are."""
    return record(name, options or Options()).blocker


def record(name: str, options: Options) -> Registered:
    """Return a blocker with its starter; raise as `find`."""
    known = records(options)
    if name in known:
        return known[name]
    near = difflib.get_close_matches(name, known, 1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    raise UnknownBlocker(
        f"no blocker {name!r}{hint} There are: {', '.join(known)}".replace("?.", "?")
    )


def default_names(options: Options | None = None, *, ready: Iterable[str] = ()) -> list[str]:
    """Return those of the ready blockers that act on pages and that Playwright drives.

    Blocking in the network alone cannot be distinguished from an outage, so those pages are not
    `blocked`; `all` includes such blockers too.
    """
    known = [one.blocker for one in records(options or Options()).values()]
    wanted = [b for b in known if b.acts == "page" and b.driver == "playwright"]
    given = set(ready)
    return [b.name for b in wanted if b.name in given]
