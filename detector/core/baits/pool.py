"""Reads the bait pool: names that the default filter lists block, with the date of the check."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Collection, Sequence
from functools import lru_cache
from itertools import combinations
from pathlib import Path
from time import strptime
from typing import Any, Literal, NamedTuple, get_args

Type = Literal["script", "image", "fetch"]
# The baits of a view, in this order: (blocked everywhere, types). No two share a rule or a keyword.
SLOTS: tuple[tuple[bool, tuple[Type, ...]], ...] = (
    (True, ("script",)),
    (False, ("image", "fetch")),
    (True, ("script",)),
    (True, ("image",)),
    (False, ("fetch",)),
    (False, ("script",)),
)
ELEMENTS_NEEDED = 40
FRESH_DAYS = 120
_SHIPPED = Path(__file__).with_name("pool.json")
_PATH = re.compile(r"(?:[\w.-]|\{w\})+(?:/(?:[\w.-]|\{w\})+)*(?:\?(?:[\w-]+=)?)?", re.ASCII)
_ELEMENT = re.compile(r"[A-Za-z_][\w-]*", re.ASCII)
_NEUTRAL = re.compile(r"\{w\}|\.(?:js|png|json)(?=[/?]|$)")
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


class PoolError(ValueError):
    """A pool's file cannot be used; the message names the file, what is wrong and how to fix it."""


class Request(NamedTuple):
    """A path that filter lists block, and its rules' names with spaces between them.

    `everywhere` means that Brave's standard mode, which allows most first-party requests, blocks
    it too. `{w}` in the path is replaced by a neutral word of the site.
    """

    rule: str
    type: Type
    path: str
    everywhere: bool

    @property
    def marks(self) -> frozenset[str]:
        """Return its rules and keywords; baits that share one may be blocked together."""
        return keywords(self.path).union(self.rule.split())


class Pool(NamedTuple):
    """All baits: request paths and element classes, and the ISO date of their last check."""

    date: str
    requests: tuple[Request, ...]
    elements: tuple[str, ...]


def load(file: str = "") -> Pool:
    """Read an owner's pool, else the one shipped with the package; raises PoolError."""
    if not file:
        return _shipped()
    try:
        return _read(json.loads(Path(file).read_text("utf-8")))
    except OSError as error:
        wrong = f"cannot be read ({error.strerror})"
    except UnicodeDecodeError:
        wrong = "is not UTF-8 text"
    except json.JSONDecodeError as error:
        wrong = f"is not JSON (line {error.lineno}: {error.msg})"
    except PoolError as error:
        wrong = str(error)
    except (ValueError, RecursionError) as error:
        wrong = f"cannot be read ({error})"
    raise PoolError(
        f"{file} {wrong}; create it again: detector baits pick LIST... --brave LIST --out {file}"
    )


def keywords(path: str) -> frozenset[str]:
    """Return every three letters or digits in a row of a path, and `ad`.

    A device on the way that looks for any longer keyword finds it in two paths only if they share
    one of these. Neutral words and extensions are left out: the controls have them too.
    """
    runs = re.findall("[a-z0-9]+", _NEUTRAL.sub(" ", path.lower()))
    found = {run[at : at + 3] for run in runs for at in range(len(run) - 2)}
    return frozenset(found | {"ad" for run in runs if "ad" in run})


def apart(requests: Collection[Request]) -> tuple[Request, ...]:
    """Return two baits that share no rule and no keyword, or nothing."""
    pairs = combinations(requests, 2)
    return next((both for both in pairs if both[0].marks.isdisjoint(both[1].marks)), ())


def shortage(pool: Pool) -> str:
    """Return what a pool lacks to be used at all, or ""."""
    if not apart(pool.requests):
        return "one family of request baits only: no two share neither rule nor keyword"
    if all(entry.type != "fetch" for entry in pool.requests):
        return "no bait of the type fetch, whose control tells which baits arrived"
    count = len(set(pool.elements))
    return f"{count} element classes, not {ELEMENTS_NEEDED}" if count < ELEMENTS_NEEDED else ""


def switched_off(pool: Pool, paths: Collection[str]) -> frozenset[int]:
    """Return the numbers of the request baits with these paths; raises PoolError.

    Two that share no rule and no keyword must remain: a verdict of blocked needs both.
    """
    numbers = {entry.path.removesuffix("?"): number for number, entry in enumerate(pool.requests)}
    paths = [path.removesuffix("?") for path in paths]
    for path in paths:
        if path not in numbers:
            near = difflib.get_close_matches(path, numbers, n=1, cutoff=0.4)
            meant = f"did you mean {near[0]}?" if near else f"they are {', '.join(numbers)}"
            raise PoolError(f"has {path!r}, which is not a request bait of the pool; {meant}")
    off = frozenset(numbers[path] for path in paths)
    if not apart([entry for number, entry in enumerate(pool.requests) if number not in off]):
        raise PoolError(
            "leaves no two baits without a common rule or keyword, and a verdict needs two; "
            "switch off fewer, or fix what refuses them: detector doctor URL"
        )
    return off


@lru_cache
def _shipped() -> Pool:
    return _read(json.loads(_SHIPPED.read_text("utf-8")))


def _read(data: Any) -> Pool:
    """Parse a pool's JSON; raises PoolError with what is wrong."""
    if not isinstance(data, dict):
        raise PoolError("is not a pool: it must be an object with date, requests and elements")
    if not _DATE.fullmatch(str(data.get("date"))):
        raise PoolError(f"has the date {data.get('date')!r}, not one like 2026-01-31")
    strptime(data["date"], "%Y-%m-%d")
    requests, elements = data.get("requests"), data.get("elements")
    if not isinstance(requests, list) or not isinstance(elements, list):
        raise PoolError("is not a pool: its requests and elements must be lists")
    read = [_request(number, entry) for number, entry in enumerate(requests)]
    for number, name in enumerate(elements):
        if not isinstance(name, str) or not _ELEMENT.fullmatch(name):
            raise PoolError(f"has elements[{number}] {name!r}, which is not a class name")
    # In place of {w} every entry gets its own word.
    _once("requests", [e.path if "{w}" in e.path else e.path.partition("?")[0] for e in read])
    _once("elements", elements)
    made = Pool(data["date"], tuple(read), tuple(elements))
    if lacks := shortage(made):
        raise PoolError(f"has {lacks}")
    return made


def _request(number: int, entry: Any) -> Request:
    where = f"has requests[{number}]"
    if not isinstance(entry, dict) or set(entry) != {"rule", "type", "path", "everywhere"}:
        raise PoolError(f"{where} {entry!r}, which must have only rule, type, path and everywhere")
    if not isinstance(entry["rule"], str) or not entry["rule"]:
        raise PoolError(f"{where}.rule {entry['rule']!r}, which must be a text")
    if entry["type"] not in get_args(Type):
        raise PoolError(f"{where}.type {entry['type']!r}; allowed are script, image and fetch")
    if not isinstance(entry["everywhere"], bool):
        raise PoolError(f"{where}.everywhere {entry['everywhere']!r}; allowed are true and false")
    path = entry["path"]
    if not isinstance(path, str) or not _PATH.fullmatch(path) or ".." in path:
        raise PoolError(f"{where}.path {path!r}, which is not a path below a prefix")
    return Request(**entry)


def _once(what: str, names: Sequence[str]) -> None:
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice:
        raise PoolError(f"names {twice!r} twice in its {what}")
