"""What `detector watch` reports: one problem of one site, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

_VERSION = 1


@dataclass(frozen=True, slots=True)
class Alarm:
    """One problem; `key` identifies it for as long as it lasts."""

    key: str
    """Such as "blocked-up", "bait:full:adverts/{w}.js" or "no-report"."""
    site: str
    """The site's name in the store, or "" where it concerns all of them."""
    text: str
    """What was seen, with its figures."""
    fix: str
    """What to do."""

    @property
    def name(self) -> str:
        """Return what distinguishes it from all other alarms of the store."""
        return name_of(self.key, self.site)

    def line(self) -> str:
        """Return it in one line."""
        return f"{self.site + ': ' if self.site else ''}{self.text} {self.fix}"


def name_of(key: str, site: str) -> str:
    """Return the name of an alarm; no key has the sign between the two."""
    return f"{key}@{site}"


def message(alarms: Sequence[Alarm]) -> dict[str, Any]:
    """Return alarms as a web hook or a command gets them; `text` has all of them in words.

    Chat services that take incoming web hooks show the field `text`.
    """
    return {
        "version": _VERSION,
        "text": "\n".join(["detector watch: " + title(alarms), *(one.line() for one in alarms)]),
        "alarms": [asdict(one) for one in alarms],
    }


def title(alarms: Sequence[Alarm]) -> str:
    """Return how many alarms there are, and the sites that they concern."""
    sites = dict.fromkeys(one.site for one in alarms if one.site)
    where = f" ({', '.join(sites)})" if sites else ""
    return f"{len(alarms)} alarm{'s' if len(alarms) != 1 else ''}{where}"
