"""Reads the bait pool: names that the default filter lists act on, with the date of the check."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, get_args

Type = Literal["script", "image", "fetch"]
# What a view looks with, in this order: (acts everywhere, types). Each falls to another rule.
SLOTS: tuple[tuple[bool, tuple[Type, ...]], ...] = (
    (True, ("script",)),
    (False, ("image", "fetch")),
    (True, ("script",)),
    (True, ("image",)),
    (False, ("fetch",)),
    (False, ("script",)),
)
ELEMENTS_NEEDED = 40
_SHIPPED = Path(__file__).with_name("pool.json")
_PATH = re.compile(r"(?:[\w.-]|\{w\})+(?:/(?:[\w.-]|\{w\})+)*(?:\?(?:[\w-]+=)?)?", re.ASCII)
_ELEMENT = re.compile(r"[A-Za-z_][\w-]*", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


class PoolError(ValueError):
    """A pool's file cannot be used; the text names the file, what is wrong and how to mend it."""


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


def load(file: str = "") -> Pool:
    """Read an owner's pool, else the one that ships with the package; raises PoolError."""
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
        f"{file} {wrong}; make it anew with: detector baits pick LIST... --brave LIST --out {file}"
    )


def shortage(requests: Collection[Request], elements: Collection[str]) -> list[str]:
    """Say what these baits lack so that every site finds enough of them every day."""
    lacks = []
    rules = [
        {r.rule for r in requests if r.type in types and r.everywhere == everywhere}
        for everywhere, types in SLOTS
    ]
    for number, (everywhere, types) in enumerate(SLOTS):
        shared = [common for each in rules[:number] if (common := each & rules[number])]
        # So many of its rules may be gone, at worst, when a choice comes to this slot.
        taken = min(len(shared), len(set().union(*shared)))
        if len(rules[number]) <= taken:
            where = "everywhere" if everywhere else "in full lists only"
            lacks.append(
                f"rules for {' or '.join(types)} baits that act {where}: "
                f"{taken + 1} needed, {len(rules[number])} there"
            )
    if len(set(elements)) < ELEMENTS_NEEDED:
        lacks.append(f"element classes: {ELEMENTS_NEEDED} needed, {len(set(elements))} there")
    return list(dict.fromkeys(lacks))


def switched_off(pool: Pool, paths: Collection[str]) -> frozenset[int]:
    """Return the numbers of the request baits with these paths; raises PoolError.

    Two rules must be left: a verdict of blocked needs two that hit.
    """
    numbers = {entry.path.removesuffix("?"): number for number, entry in enumerate(pool.requests)}
    paths = [path.removesuffix("?") for path in paths]
    for path in paths:
        if path not in numbers:
            near = difflib.get_close_matches(path, numbers, n=1, cutoff=0.4)
            meant = f"did you mean {near[0]}?" if near else f"they are {', '.join(numbers)}"
            raise PoolError(f"has {path!r}, which is no request bait of the pool; {meant}")
    off = frozenset(numbers[path] for path in paths)
    rules = {entry.rule for number, entry in enumerate(pool.requests) if number not in off}
    if len(rules) < 2:
        raise PoolError(
            f"leaves baits of {len(rules)} rules, and a verdict needs two; "
            "switch off fewer, or mend what refuses them: detector doctor URL"
        )
    return off


@lru_cache
def _shipped() -> Pool:
    return _read(json.loads(_SHIPPED.read_text("utf-8")))


def _read(data: Any) -> Pool:
    """Turn a pool's JSON into a Pool; raises PoolError with what is wrong with it."""
    if not isinstance(data, dict):
        raise PoolError("is not a pool: it must be an object with date, requests and elements")
    if not _DATE.fullmatch(str(data.get("date"))):
        raise PoolError(f"has the date {data.get('date')!r}, not one like 2026-01-31")
    requests, elements = data.get("requests"), data.get("elements")
    if not isinstance(requests, list) or not isinstance(elements, list):
        raise PoolError("is not a pool: its requests and elements must be lists")
    read = [_request(number, entry) for number, entry in enumerate(requests)]
    for number, name in enumerate(elements):
        if not isinstance(name, str) or not _ELEMENT.fullmatch(name):
            raise PoolError(f"has elements[{number}] {name!r}, which is no class name")
    # Where {w} stands, every entry has a word of its own.
    _once("requests", [e.path if "{w}" in e.path else e.path.partition("?")[0] for e in read])
    _once("elements", elements)
    if lacks := shortage(read, elements):
        raise PoolError("has too few baits (" + "; ".join(lacks) + ")")
    return Pool(data["date"], tuple(read), tuple(elements))


def _request(number: int, entry: Any) -> Request:
    where = f"has requests[{number}]"
    if not isinstance(entry, dict) or set(entry) != {"rule", "type", "path", "everywhere"}:
        raise PoolError(f"{where} {entry!r}, which must have rule, type, path and everywhere alone")
    if not isinstance(entry["rule"], str) or not entry["rule"]:
        raise PoolError(f"{where}.rule {entry['rule']!r}, which must be a text")
    if entry["type"] not in get_args(Type):
        raise PoolError(f"{where}.type {entry['type']!r}; allowed are script, image and fetch")
    if not isinstance(entry["everywhere"], bool):
        raise PoolError(f"{where}.everywhere {entry['everywhere']!r}; allowed are true and false")
    path = entry["path"]
    if not isinstance(path, str) or not _PATH.fullmatch(path) or ".." in path:
        raise PoolError(f"{where}.path {path!r}, which is no path below a prefix")
    return Request(**entry)


def _once(what: str, names: Sequence[str]) -> None:
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice:
        raise PoolError(f"names {twice!r} twice in its {what}")
