"""Parsing of reports, and the reason for which each bad one is refused."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.core.reports.parser import KEYS, LIMIT, MAX_BAITS, Refused, Report, parse

GOOD: dict[str, Any] = {"t": "view", "p": "page", "s": "blocked"}


def test_verdict() -> None:
    """A verdict with all of its fields."""
    for told, elements in ((True, True), ("blocked", True), ("clear", False), (None, False)):
        body = json.dumps({**GOOD, "i": "extension", "f": [0, 7], "e": told}).encode()
        assert parse(body) == Report(
            "view", "page", "blocked", "extension", failed=(0, 7), elements=elements
        )


def test_every_key_at_once() -> None:
    """A report may have all keys; what each of them may hold does not depend on the others."""
    every = {"a": "shown", "m": "corner", "y": "b", "l": "de", "f": [1], "e": True, "r": "an"}
    found = parse(json.dumps({**GOOD, "i": "b", **every, "g": "none", "w": "- b "}).encode())
    assert found == Report(
        *("view", "page", "blocked", "browser", "shown", "corner", "b", "de"),
        *((1,), True, "network", "none", "b", False),
    )


def test_keys_are_in_the_order_of_the_report() -> None:
    """Values are assigned to the report's fields by their order."""
    assert tuple(KEYS)[:-1] == Report._fields[:-2]
    assert tuple(KEYS)[-1] == "session" and Report._fields[-2:] == ("won", "stayed")


def test_action() -> None:
    """An action of the notice."""
    assert parse(json.dumps({**GOOD, "a": "dismissed"}).encode()).action == "dismissed"


def test_notice_of_an_action() -> None:
    """An action holds the mode and the variant of its notice."""
    found = parse(json.dumps({**GOOD, "a": "shown", "m": "top-bar", "y": "b"}).encode())
    assert (found.action, found.mode, found.variant) == ("shown", "top-bar", "b")


BAD: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "syntax"),
    "not json": (b"hello", "syntax"),
    "not an object": (b"[]", "syntax"),
    "number": (b"1", "syntax"),
    "too long": (b'{"t":"' + b"x" * LIMIT + b'"}', "size"),
    "not utf-8": (b'{"t":"\xff"}', "syntax"),
    "utf-16": (json.dumps(GOOD).encode("utf-16"), "syntax"),
    "deep": (b"[" * 500, "syntax"),
    "deep in a key": (b'{"f":' + b"[" * 490, "syntax"),
    "NaN": (b'{"t":NaN}', "syntax"),
    "float": (b'{"t":1.5}', "syntax"),
    "huge number": (b'{"e":' + b"9" * 400 + b"}", "syntax"),
    "a key twice": (b'{"t":"a","t":"b"}', "syntax"),
    "unknown key": (json.dumps({**GOOD, "x": 1}).encode(), "unknown-key"),
    "no state": (b'{"t":"a","p":"b"}', "value"),
    "unknown state": (json.dumps({**GOOD, "s": "maybe"}).encode(), "value"),
    "state as list": (json.dumps({**GOOD, "s": ["blocked"]}).encode(), "value"),
    "unknown kind": (json.dumps({**GOOD, "i": "person"}).encode(), "value"),
    "unknown action": (json.dumps({**GOOD, "a": "laughed"}).encode(), "value"),
    "token as number": (json.dumps({**GOOD, "t": 1}).encode(), "value"),
    "failed as text": (json.dumps({**GOOD, "f": "01"}).encode(), "value"),
    "failed as null": (json.dumps({**GOOD, "f": None}).encode(), "value"),
    "failed too many": (json.dumps({**GOOD, "f": [1] * 65}).encode(), "value"),
    "failed negative": (json.dumps({**GOOD, "f": [-1]}).encode(), "value"),
    "failed as bool": (json.dumps({**GOOD, "f": [True]}).encode(), "value"),
    "failed above the most": (json.dumps({**GOOD, "f": [MAX_BAITS]}).encode(), "value"),
    "number of five digits": (b'{"e":12345}', "syntax"),
    "page token as number": (json.dumps({**GOOD, "p": 1}).encode(), "value"),
    "variant as number": (json.dumps({**GOOD, "y": 1}).encode(), "value"),
    "unknown mode": (json.dumps({**GOOD, "m": "popup"}).encode(), "value"),
    "unknown language": (json.dumps({**GOOD, "l": "xx"}).encode(), "value"),
    "unknown signals": (json.dumps({**GOOD, "g": "smell"}).encode(), "value"),
    "dispute of a clear view": (
        json.dumps({**GOOD, "s": "clear", "a": "disputed"}).encode(),
        "value",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_bad(name: str) -> None:
    """Each bad report is refused with its reason."""
    body, reason = BAD[name]
    with pytest.raises(Refused) as error:
        parse(body)
    assert error.value.reason == str(error.value) == reason


def test_the_most_that_a_report_may_hold() -> None:
    """A report of exactly 1 KiB, with 64 failed baits and the largest number, is parsed."""
    failed = [MAX_BAITS - 1] * MAX_BAITS
    body = json.dumps({**GOOD, "f": failed, "e": 1234}).encode().ljust(LIMIT)
    assert parse(body).failed == tuple(failed)


@pytest.mark.parametrize(
    ("mark", "kind"),
    [("ae", "extension"), ("ab", "browser"), ("an", "network"), ("au", "none"), ("e", ""), (1, "")],
)
def test_kind_that_was_there_before(mark: object, kind: str) -> None:
    """A view that is won back names the kind of blocker by its first letter."""
    assert parse(json.dumps({**GOOD, "r": mark}).encode()).recovered == kind


@pytest.mark.parametrize(
    ("session", "won", "stayed"),
    [
        ("- warm ", "warm", False),
        ("s warm  ", "warm", True),
        ("q b ", "b", False),
        ("x b ", "", False),
        ("- b", "", False),
        ("- b   ", "", False),
        ("- B ", "", False),
        (1, "", False),
        (None, "", False),
    ],
)
def test_session_that_is_won_back(session: object, won: str, stayed: bool) -> None:
    """A clear view names its session's variant, and two spaces say that it is the next view."""
    report = parse(json.dumps({**GOOD, "w": session}).encode())
    assert (report.won, report.stayed) == (won, stayed)


@given(st.binary(max_size=1200) | st.text(max_size=300).map(lambda s: s.encode("utf-8", "replace")))
def test_never_anything_but_refused(body: bytes) -> None:
    """No body raises any other exception."""
    with contextlib.suppress(Refused):
        parse(body)
