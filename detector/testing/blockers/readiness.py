"""Which blockers can be started on this machine, and what is missing for the others."""

from __future__ import annotations

from dataclasses import dataclass

from detector.testing.blockers.model import Blocker, BlockerError, Options
from detector.testing.blockers.registry import Registered, records
from detector.testing.browsers import (
    CHROMIUM,
    FIREFOX,
    MINIBROWSER,
    WEBKIT_DRIVER,
    XVFB,
    BrowserMissing,
    Installed,
)

PROGRAMS: dict[str, tuple[Installed, ...]] = {
    "chromium": (CHROMIUM,),
    "firefox": (FIREFOX,),
    "webkit": (MINIBROWSER, WEBKIT_DRIVER, XVFB),
}


@dataclass(frozen=True)
class Need:
    """A blocker and what is missing to start it here: a sentence with the command, or empty."""

    blocker: Blocker
    missing: str

    @property
    def ready(self) -> bool:
        """Whether nothing is missing."""
        return not self.missing


def ready(options: Options | None = None) -> list[Need]:
    """Return every blocker with what is missing for it; starts nothing, uses no network."""
    options = options or Options()
    return [Need(one.blocker, _missing(one, options)) for one in records(options).values()]


def _missing(found: Registered, options: Options) -> str:
    try:
        _module(found.blocker)
        for program in PROGRAMS[found.blocker.engine]:
            program.find()
        if found.needs:
            found.needs(found.blocker, options)
    except (BrowserMissing, BlockerError) as error:
        return str(error)
    return ""


def _module(blocker: Blocker) -> None:
    import importlib.util

    if importlib.util.find_spec(blocker.driver) is None:
        raise BrowserMissing(f"{blocker.driver} is missing: pip install 'adblock-detector[qa]'")
