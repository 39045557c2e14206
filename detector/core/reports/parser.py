"""Parses one report: at most 1 KiB of strict JSON, every field from a closed list."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final, NamedTuple, NoReturn

from detector.core.texts.locales import LOCALES
from detector.core.vocabulary import KINDS, MODES, PATTERNS, REPORTED_ACTIONS, STATES

LIMIT = 1024
MAX_BAITS = 64
# A browser stores only the first letter of a kind.
_KINDS = {"": "", "unsure": "", "u": ""} | {kind: kind for kind in KINDS}
_KINDS |= {kind[0]: kind for kind in KINDS}
_WON = {f"a{letter}": _KINDS[letter] or "none" for letter in "benu"}
_ACTIONS = ("", *REPORTED_ACTIONS)
# As static/src/memory.js keeps it: a mark, the variant, and what was not told of the session yet.
_SESSION = re.compile(r"[-sq] ([a-z0-9][a-z0-9-]{0,15})( {1,2})")
_STATES_OF = {"disputed": ("blocked", "unreachable", "partial"), "drawn": ("blocked", "partial")}
_MODES = ("", *MODES)
_LOCALES = ("", *LOCALES)

KEYS: Final = {
    # The view's token from the bootstrap, and the page's from the tag.
    "view_token": "t",
    "page_token": "p",
    # The verdict: a state, and a kind or null.
    "state": "s",
    "kind": "i",
    # What was done with the notice, and in which mode, variant and language; absent for a verdict.
    "action": "a",
    "mode": "m",
    "variant": "y",
    "locale": "l",
    # Numbers of the baits that did not arrive.
    "failed": "f",
    # The signal of the bait elements.
    "elements": "e",
    # "a" and the first letter of the kind that was there before ads were allowed.
    "recovered": "r",
    # Of a dispute: the signals that said blocked.
    "signals": "g",
    # Of a clear view: the session's entry, which has the variant and what waits to be told.
    "session": "w",
}
"""The keys of a report's JSON, in the order of `Report`; static/src/report.js has the same."""

_ABSENT: Final[dict[str, Any]] = {
    **dict.fromkeys(KEYS.values()),
    **{KEYS[name]: "" for name in ("action", "mode", "variant", "locale")},
    **{KEYS["failed"]: [], KEYS["signals"]: "none"},
}
"""What a key that a report leaves out means."""


class Refused(ValueError):
    """A report cannot be counted; `reason` is one of a closed list."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Report(NamedTuple):
    """One report: a verdict (`action` empty) or an action on the notice.

    `mode`, `variant` and `locale` identify the notice. `failed` are the numbers of the baits that
    did not load, `elements` is whether hidden elements contributed to the verdict. `recovered` is
    the kind of blocker that the visitor had before allowing ads ("none": not known), else "".
    `signals` is one of PATTERNS. `won` is the variant of a session of which this view is the first
    clear one since the variant was drawn, else ""; `stayed` is whether it is the next view, too.
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
    recovered: str = ""
    signals: str = "none"
    won: str = ""
    stayed: bool = False


def parse(body: bytes) -> Report:
    """Parse a report's body; raises Refused."""
    if len(body) > LIMIT:
        raise Refused("size")
    try:
        data = _STRICT.decode(body.decode("utf-8"))
    except (ValueError, RecursionError):
        raise Refused("syntax") from None
    if not isinstance(data, dict):
        raise Refused("syntax")
    if not data.keys() <= _ABSENT.keys():
        raise Refused("unknown-key")
    values = (_ABSENT | data).values()
    view, page, state, kind, action, mode, variant, locale, *more = values
    failed, elements, recovered, signals, session = more
    report = Report(
        *(view, page, state, _known(_KINDS, kind or "", "unknown")),
        *(action, mode, variant, locale),
        tuple(failed) if isinstance(failed, list) else (-1,),  # no bait has this number
        elements in (True, "blocked"),
        recovered_kind(recovered),
        signals,
        *_waiting(session),
    )
    if not _fits(report):
        raise Refused("value")
    return report


def _fits(report: Report) -> bool:
    """Whether every field has an allowed value."""
    return (
        type(report.view_token) is type(report.page_token) is type(report.variant) is str
        and report.state in STATES
        and report.kind != "unknown"
        and report.action in _ACTIONS
        and report.mode in _MODES
        and report.locale in _LOCALES
        and report.signals in PATTERNS
        and report.state in _STATES_OF.get(report.action, STATES)
        and len(report.failed) <= MAX_BAITS
        and all(type(n) is int and 0 <= n < MAX_BAITS for n in report.failed)
    )


def recovered_kind(mark: object) -> str:
    """Return the kind of blocker that a mark names, "none" if not known; "" for any other value."""
    return _known(_WON, mark, "")


def _waiting(session: object) -> tuple[str, bool]:
    """Return the variant whose session is won back, and whether it had no other view before."""
    found = _SESSION.fullmatch(session) if isinstance(session, str) else None
    return (found[1], len(found[2]) == 2) if found else ("", False)


def _known(words: Mapping[str, str], value: object, other: str) -> str:
    return words.get(value, other) if isinstance(value, str) else other


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError
    return found


def _no(text: str) -> NoReturn:
    raise ValueError


def _small(text: str) -> int:
    if len(text) > 4:
        raise ValueError
    return int(text)


_STRICT = json.JSONDecoder(
    object_pairs_hook=_once, parse_constant=_no, parse_float=_no, parse_int=_small
)
