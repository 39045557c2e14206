"""Every blocker by its name."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

from detector.testing.blockers.model import Blocker, Options, UnknownBlocker

_ENGINE = "Brave's engine over Playwright"
BLOCKERS = {
    blocker.name: blocker
    for blocker in (
        Blocker("none", "nothing", "chromium", True, "none"),
        Blocker("none-firefox", "nothing", "firefox", True, "none"),
        Blocker("none-webkit", "nothing", "webkit", True, "none", driver="selenium"),
        Blocker("ublock-origin", "uBlock Origin", "firefox", True),
        Blocker("easylist", "filter lists", "chromium", False, lists=_ENGINE),
        Blocker("brave-standard", "Brave's standard mode", "chromium", False, lists=_ENGINE),
        Blocker("brave-aggressive", "Brave's aggressive mode", "chromium", False, lists=_ENGINE),
        Blocker("dns", "a DNS blocker", "chromium", False, "network", lists="hosts refused"),
        Blocker(
            "tracking-protection",
            "tracking protection",
            "firefox",
            True,
            "network",
            lists="ad hosts in place of its own list",
        ),
        Blocker(
            "content-blocker",
            "content rules",
            "webkit",
            False,
            driver="selenium",
            lists="rules made from EasyList",
        ),
    )
}
# A name appears in commands, in the ids of tests and in file names.
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]*")


def every(options: Options) -> dict[str, Blocker]:
    """Return all blockers, including those of the options."""
    found = dict(BLOCKERS)
    for name in options.extensions:
        if not _NAME.fullmatch(name):
            raise UnknownBlocker(
                f"{name!r} is not a name for an extension: use a-z, digits, '-', '_' and '.'"
            )
        if name in BLOCKERS:
            raise UnknownBlocker(
                f"an extension cannot be called {name!r}: a blocker has that name; choose another"
            )
        found[name] = Blocker(name, name, "chromium", True, lists="extension")
    return found


def names(options: Options | None = None) -> list[str]:
    """Return the names of all blockers."""
    return list(every(options or Options()))


def find(name: str, options: Options | None = None) -> Blocker:
    """Return a blocker by its name; raise `UnknownBlocker` with the known names."""
    known = every(options or Options())
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
    known = every(options or Options())
    wanted = [b for b in known.values() if b.acts == "page" and b.driver == "playwright"]
    given = set(ready)
    return [b.name for b in wanted if b.name in given]
