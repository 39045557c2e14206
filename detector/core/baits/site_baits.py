"""One site's baits with their controls: their URLs, the day's choice, and their responses."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from functools import lru_cache
from itertools import combinations, islice
from random import Random
from typing import NamedTuple

from detector.core.baits.pool import SLOTS, Pool, Type
from detector.core.served_names import ServedNames

ELEMENTS = 4
# An early pick may leave no bait for a later slot: so often, another order is drawn.
_DRAWS = 9
# Today's choices and those of views that began yesterday, by two lists of what is switched off.
_REMEMBERED = 8
_CONTENT_TYPES: dict[Type, str] = {
    "script": "text/javascript; charset=utf-8",
    "image": "image/png",
    "fetch": "text/plain; charset=utf-8",
}
# Not `document.currentScript`, which an <img name="currentScript"> in the page shadows.
_RUNNING = 'Reflect.get(Document.prototype,"currentScript",document)'


class Bait(NamedTuple):
    """One URL of a bait or its control, with its number in the pool; `path` is below the prefix."""

    number: int
    type: Type
    path: str
    control: bool

    @property
    def url(self) -> str:
        """Return the path, ready for a view's token to be appended."""
        return self.path + ("" if self.path.endswith(("?", "=")) else "?")


class Choice(NamedTuple):
    """The baits of a view: two are requested first, the others if one of them fails.

    No two share a rule or a keyword; the first is one that is blocked everywhere, unless all such
    are switched off. `asked` is the control whose response lists the baits that arrived.
    """

    requests: tuple[tuple[Bait, Bait], ...]
    elements: tuple[str, ...]
    plain: str
    asked: Bait


class Baits:
    """All baits of one site and their controls."""

    def __init__(self, names: ServedNames, pool: Pool, off: frozenset[int] = frozenset()) -> None:
        """`off` are the numbers of baits that are never chosen, but still answer."""
        self._names = names
        self.pool = pool
        self.off = off
        self._marks = [entry.marks for entry in pool.requests]
        self._pairs: list[tuple[Bait, Bait]] = []
        self._by_path: dict[str, Bait] = {}
        # Every view of a day needs the same, and drawing it takes a quarter of a bootstrap.
        self._chosen = lru_cache(_REMEMBERED)(self._choose)
        for number, entry in enumerate(pool.requests):
            path = entry.path.replace("{w}", names.word(f"stem:{number}"))
            bait = Bait(number, entry.type, path, control=False)
            control = Bait(number, entry.type, self._twin(number, entry.path), control=True)
            self._pairs.append((bait, control))
            for each in (bait, control):
                self._by_path[each.path.partition("?")[0]] = each

    @property
    def pairs(self) -> tuple[tuple[Bait, Bait], ...]:
        """Return every bait of the pool with its control."""
        return tuple(self._pairs)

    def find(self, path: str) -> Bait | None:
        """Return the bait or control at a path below the prefix, or None."""
        return self._by_path.get(path)

    def choose(self, day: int, again: bool = False) -> Choice:
        """Choose the baits of a day (days since 1970); with `again` others, for a second probe."""
        return self._chosen(day, again, self.off)

    def _choose(self, day: int, again: bool, off: frozenset[int]) -> Choice:
        draw = Random(self._names.word(f"day:{day}:{again}", 32))
        picked: list[int] = []
        for _ in range(_DRAWS):
            drawn = draw.sample(range(len(self._pairs)), len(self._pairs))
            order = [number for number in drawn if number not in off]
            picked = max(picked, self._fill(order), key=len)
            if len(picked) == len(SLOTS):
                break
        if len(picked) < 2:  # so many are switched off that slots stay empty
            picked = next([*both] for both in combinations(order, 2) if self._apart(*both))
        elements = tuple(draw.sample(self.pool.elements, ELEMENTS))
        requests = tuple(self._pairs[n] for n in picked)
        fetched = (control for _, control in (*requests, *self._pairs) if control.type == "fetch")
        return Choice(requests, elements, self._names.word(f"plain:{day}"), next(fetched))

    def _fill(self, order: Sequence[int]) -> list[int]:
        """Return the first bait of an order that fits each slot and the baits picked before it."""
        requests = self.pool.requests
        picked: list[int] = []
        for everywhere, types in SLOTS:
            fit = (
                number
                for number in order
                if requests[number].type in types
                and requests[number].everywhere == everywhere
                and all(self._apart(number, other) for other in picked)
            )
            picked += islice(fit, 1)
        return picked

    def _apart(self, one: int, other: int) -> bool:
        return self._marks[one].isdisjoint(self._marks[other])

    def _twin(self, number: int, path: str) -> str:
        """Return a neutral path of the same depth and extension, which no list matches."""
        path, question, query = path.partition("?")
        *folders, file = path.split("/")
        _, dot, ending = file.rpartition(".")
        word = self._names.word
        twin = [word(f"twin:{number}:{depth}") for depth in range(len(folders))]
        twin.append(word(f"twin:{number}") + (dot + ending if dot else ""))
        out = "/".join(twin) + question
        return out + word(f"twin:{number}:query", 4) + "=" if query else out


def content_type(bait: Bait, proof: str) -> str:
    """Return the content type of a bait's or control's response, with the proof that HEAD needs."""
    return f"{_CONTENT_TYPES[bait.type]}; v={proof}"


def image_width(proof: str) -> int:
    """Return the natural width of a proof's image: odd, 21 to 83 pixels."""
    return 21 + 2 * (zlib.crc32(proof.encode()) % 32)


def answer(bait: Bait, proof: str, arrived: frozenset[int]) -> bytes:
    """Return the content with the proof; a fetched control also lists the baits that arrived.

    A blocker's replacement fires `load` too: only the right content counts.
    """
    if bait.type == "script":
        return f'{_RUNNING}.x="{proof}"'.encode()
    if bait.type == "image":
        return _png(image_width(proof))
    seen = arrived if bait.control else frozenset()
    return ",".join([proof, *map(str, sorted(seen))]).encode()


def _png(width: int, height: int = 3) -> bytes:
    """Return a transparent one-bit PNG (PNG specification, third edition)."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        crc = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", crc)

    rows = (b"\0" + bytes((width + 7) // 8)) * height
    header = struct.pack(">IIBBBBB", width, height, 1, 3, 0, 0, 0)
    parts = [(b"IHDR", header), (b"PLTE", bytes(3)), (b"tRNS", b"\0")]
    parts += [(b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(kind, data) for kind, data in parts)
