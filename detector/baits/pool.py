"""Reads the bait pool: names that the default filter lists act on, with the date of the check."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

Type = Literal["script", "image", "fetch"]
_POOL = Path(__file__).with_name("pool.json")


@dataclass(frozen=True, slots=True)
class Request:
    """A path that filter lists block; baits of the same `rule` fall together.

    `everywhere` says that Brave's standard mode, which spares most first-party requests, blocks
    it too. `{w}` in the path stands for a neutral word of the site.
    """

    rule: str
    type: Type
    path: str
    everywhere: bool


@dataclass(frozen=True, slots=True)
class Pool:
    """All baits: request paths and element classes, and the ISO date of their last check."""

    date: str
    requests: tuple[Request, ...]
    elements: tuple[str, ...]


@lru_cache
def load() -> Pool:
    """Read the pool that ships with the package."""
    data = json.loads(_POOL.read_text("utf-8"))
    requests = tuple(Request(**entry) for entry in data["requests"])
    return Pool(data["date"], requests, tuple(data["elements"]))
