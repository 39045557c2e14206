"""Reads one report: at most 1 KiB of strict JSON, every field from a closed list."""

from __future__ import annotations

import json
from typing import Any, NamedTuple, NoReturn

from detector.notice.locales import LOCALES
from detector.notice.modes import MODES

LIMIT = 1024
STATES = ("blocked", "unreachable", "clear", "unknown")
KINDS = ("extension", "browser", "network")
ACTIONS = ("shown", "steps", "recheck", "allowed", "dismissed", "support")
MAX_BAITS = 64


class Refused(ValueError):
    """A report cannot be counted; `reason` is one of a closed list."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Report(NamedTuple):
    """One report: a verdict (`action` empty) or something done with the notice.

    `mode`, `variant` and `locale` say which notice it was done with. `failed` are the numbers of
    the baits that did not come through, `elements` says whether hidden elements were part of the
    verdict, `recovered` whether this visitor had allowed ads before.
    """

    view_token: str
    page_token: str
    state: str
    kind: str
    action: str = ""
    mode: str = ""
    variant: str = ""
    locale: str = ""
    failed: tuple[int, ...] = ()
    elements: bool = False
    recovered: bool = False


def parse(body: bytes) -> Report:
    """Read a report's body; raises Refused."""
    if len(body) > LIMIT:
        raise Refused("size")
    try:
        data = _STRICT.decode(body.decode("utf-8"))
    except (ValueError, RecursionError):
        raise Refused("syntax") from None
    if not isinstance(data, dict):
        raise Refused("syntax")
    if data.keys() - {"t", "p", "s", "i", "a", "f", "e", "m", "y", "l", "r"}:
        raise Refused("unknown-key")
    failed = data.get("f", [])
    if not isinstance(failed, list) or len(failed) > MAX_BAITS:
        raise Refused("value")
    if not all(type(n) is int and 0 <= n < MAX_BAITS for n in failed):
        raise Refused("value")
    return Report(
        view_token=_text(data.get("t")),
        page_token=_text(data.get("p")),
        state=_one_of(data.get("s"), STATES),
        kind=_one_of(data.get("i") or "", ("", *KINDS)),
        action=_one_of(data.get("a", ""), ("", *ACTIONS)),
        mode=_one_of(data.get("m", ""), ("", *MODES)),
        variant=_text(data.get("y", ""))[:16],
        locale=_one_of(data.get("l", ""), ("", *LOCALES)),
        failed=tuple(failed),
        elements=data.get("e") is True,
        recovered=data.get("r") is True,
    )


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key twice")
    return found


def _no(text: str) -> NoReturn:
    raise ValueError(text)


def _small(text: str) -> int:
    if len(text) > 4:
        raise ValueError(text)
    return int(text)


_STRICT = json.JSONDecoder(
    object_pairs_hook=_once, parse_constant=_no, parse_float=_no, parse_int=_small
)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise Refused("value")
    return value


def _one_of(value: object, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        raise Refused("value")
    return str(value)
