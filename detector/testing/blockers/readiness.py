"""Which blockers can be started on this machine, and what is missing for the others."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from detector.testing.blockers.compiled import adblock
from detector.testing.blockers.lists import filter_lists
from detector.testing.blockers.model import Blocker, BlockerError, Options
from detector.testing.blockers.registry import BLOCKERS, every
from detector.testing.blockers.unpacked import unpacked
from detector.testing.browsers import (
    CHROMIUM,
    FIREFOX,
    MINIBROWSER,
    WEBKIT_DRIVER,
    XVFB,
    BrowserMissing,
    Installed,
)
from detector.testing.ublock import Package

PROGRAMS: dict[str, tuple[Installed, ...]] = {
    "chromium": (CHROMIUM,),
    "firefox": (FIREFOX,),
    "webkit": (MINIBROWSER, WEBKIT_DRIVER, XVFB),
}
_LISTED = ("easylist", "brave-standard", "brave-aggressive", "dns", "content-blocker")


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
    return [Need(one, _missing(one, options)) for one in every(options).values()]


def _missing(blocker: Blocker, options: Options) -> str:
    try:
        _module(blocker)
        for program in PROGRAMS[blocker.engine]:
            program.find()
        if blocker.name == "ublock-origin" and not options.extension:
            Package.required()
        if blocker.name in _LISTED:
            _lists_there(options)
        if blocker.name in ("easylist", "brave-standard", "brave-aggressive"):
            adblock()
        if blocker.name not in BLOCKERS:
            with unpacked(blocker.name, options.extensions[blocker.name]):
                pass
    except (BrowserMissing, BlockerError) as error:
        return str(error)
    return ""


def _module(blocker: Blocker) -> None:
    import importlib.util

    if importlib.util.find_spec(blocker.driver) is None:
        raise BrowserMissing(f"{blocker.driver} is missing: pip install 'adblock-detector[qa]'")


def _lists_there(options: Options) -> None:
    for name in options.filter_lists:
        if "://" not in name and not Path(name).is_file():
            raise BlockerError(f"--filter-list {name}: does not exist")
    if not options.filter_lists:
        filter_lists(options)
