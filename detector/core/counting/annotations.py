"""Annotations of a store: what happened when, such as a new cookie banner.

A store keeps them and knows no rules; the rules stand here. Loaded outside requests only.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable
from typing import NamedTuple, Protocol, runtime_checkable

from detector.core.counting.store import KEPT_DAYS
from detector.core.errors import StoreError
from detector.core.printable import printable

log = logging.getLogger("detector")

MOST = 1000
"""How many a store holds."""
LONGEST = 200
"""How many characters a text has at most."""
OWNER, VERSION, BAITS = "owner", "version", "baits"
"""Who wrote it: an owner, or the site itself about its version or its pool of baits."""

_DAY = 24 * 3600
_AHEAD = 366 * _DAY
_OPENINGS = {VERSION: "adblock-detector {}", BAITS: "Pool of baits of {}"}


class Annotation(NamedTuple):
    """What happened at a time, in Unix seconds, to one site or to all of a store ("")."""

    at: int
    text: str
    site: str = ""
    kind: str = OWNER

    @property
    def name(self) -> str:
        """Return the key: what is written twice is kept once, a change of our own at any time."""
        at = str(self.at) if self.kind == OWNER else ""
        words = "\0".join((self.kind, self.site, at, self.text))
        return hashlib.sha256(words.encode("utf-8", "replace")).hexdigest()[:12]

    def as_dict(self) -> dict[str, str | int]:
        """Return it with plain types."""
        found: dict[str, str | int] = {"name": self.name, "at": self.at, "text": self.words}
        return found | {"site": self.site, "kind": self.kind}

    @property
    def words(self) -> str:
        """Return the text to show."""
        return _OPENINGS.get(self.kind, "{}").replace("{}", self.text)


@runtime_checkable
class Annotated(Protocol):
    """A store that keeps annotations; all raise StoreError."""

    def annotations(self) -> list[Annotation]:
        """Return all, the earliest first."""

    def annotate(self, annotation: Annotation) -> None:
        """Keep one; nothing happens where its name is known."""

    def remove_annotations(self, names: Iterable[str]) -> None:
        """Remove those with these names."""


def checked(text: str, at: int, site: str, now: float) -> Annotation:
    """Return an owner's annotation; ValueError says what is wrong with it."""
    text = " ".join(text.split())
    if not text:
        raise ValueError("the text is empty: say what happened")
    if len(text) > LONGEST:
        raise ValueError(f"the text has {len(text)} characters: write at most {LONGEST}")
    if printable(text) != text:
        raise ValueError("the text has control characters: write it without them")
    if not now - KEPT_DAYS * _DAY <= at <= now + _AHEAD:
        raise ValueError("the time is over 25 months ago or over a year ahead: choose another")
    return Annotation(at, text, site)


def add(store: Annotated, annotation: Annotation, now: float) -> None:
    """Keep one, without those that have expired; ValueError when there are too many."""
    known = _unexpired(store, now)
    if len(known) >= MOST and annotation.name not in {one.name for one in known}:
        raise ValueError(f"the store has {MOST:,} annotations: remove some first")
    store.annotate(annotation)


def add_own(store: object, version: str, pool: str, now: float) -> None:
    """Note this version and this pool of baits where the store has never seen them.

    A store that cannot keep them still keeps counts, so failing is not an error.
    """
    if not isinstance(store, Annotated):
        return
    try:
        # Nothing is removed: this process's clock may be wrong.
        known = store.annotations()
        names = {one.name for one in known}
        for kind, text in ((VERSION, version), (BAITS, pool)):
            one = Annotation(int(now), text, "", kind)
            if one.name not in names and len(known) < MOST:
                store.annotate(one)
    except StoreError as error:
        log.info("detector: no annotation of this version: %s", ascii(str(error))[1:-1])


def _unexpired(store: Annotated, now: float) -> list[Annotation]:
    """Remove what is over 25 months old; the latest of each kind of ours is still true."""
    known = store.annotations()
    current = {one.kind: one for one in known if one.kind != OWNER}.values()
    oldest = now - KEPT_DAYS * _DAY
    expired = [one for one in known if one.at < oldest and one not in current]
    if expired:
        store.remove_annotations(one.name for one in expired)
    return [one for one in known if one not in expired]


def of_site(store: object, site: str | None) -> list[Annotation]:
    """Return those of a site (None: of any), with those that concern all sites."""
    if not isinstance(store, Annotated):
        return []
    return [one for one in store.annotations() if site is None or one.site in ("", site)]


def within(store: object, site: str | None, since: int, until: int) -> list[Annotation]:
    """Return those of a site in a time."""
    return [one for one in of_site(store, site) if since <= one.at < until]
