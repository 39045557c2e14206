"""What was sent, to which process and when: all that the rules may look at.

Nothing here or in `rules.py` and `answers.py` imports the detector.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Options:
    """The site's options that decide what is counted, as an owner writes them."""

    share: float = 1.0
    gpc: str = "stats"
    pairs: tuple[str, ...] = ()
    variants: tuple[str, ...] = ()
    shared_limits: bool = False


@dataclass(frozen=True)
class Who:
    """A visitor, as the figures know one; `bot` is a robot, `objects` sends a privacy signal."""

    browser: str = "other"
    device: str = "other"
    bot: bool = False
    objects: bool = False


@dataclass(frozen=True)
class Fact:
    """Something that happened in a process of a site, by that process's clock in seconds."""

    at: int
    process: int
    site: str


@dataclass(frozen=True)
class Page(Fact):
    """A page left the app with this Cache-Control."""

    group: str
    cache: str
    who: Who


@dataclass(frozen=True)
class Bootstrap(Fact):
    """The script asked for its bootstrap; `foreign` from another site's page."""

    view: str
    group: str
    who: Who
    member: bool = False
    foreign: bool = False


@dataclass(frozen=True)
class BaitArrival(Fact):
    """A bait of a view was loaded, by its number."""

    view: str
    number: int


@dataclass(frozen=True)
class Told:
    """The content of a report; an empty action is a verdict."""

    state: str
    kind: str = ""
    action: str = ""
    mode: str = ""
    variant: str = ""
    locale: str = ""
    failed: tuple[int, ...] = ()
    elements: bool = False
    recovered: str = ""
    signals: str = "none"
    session: str = ""
    """What the browser keeps of the session: a mark, the variant, a blank until a view was clear,
    and another until there was any further view."""


@dataclass(frozen=True)
class Sent(Fact):
    """A report came: `flaw` is what is wrong with it, by the reason's name.

    `began` is when its view got a token, `baits` that view's baits, in the order of its bootstrap:
    number, reach and name in the counts.
    """

    view: str
    group: str
    who: Who
    client: str
    began: int
    told: Told
    flaw: str = ""
    baits: tuple[tuple[int, str, str], ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class Flush(Fact):
    """The process wrote what it had counted to the store."""


@dataclass(frozen=True)
class Join(Fact):
    """Old hours were joined into days, and expired ones deleted."""
