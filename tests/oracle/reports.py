"""What reports may contain: verdicts, actions and flaws, as browsers and others write them."""

from __future__ import annotations

import json
from random import Random
from typing import Any

from tests.oracle.facts import Told
from tests.oracle.visitors import View

STATES = ("blocked", "unreachable", "clear", "unknown", "partial")
KINDS = ("", "extension", "browser", "network")
ACTIONS = ("shown", "steps", "recheck", "allowed", "dismissed", "support", "disputed")
TEST = ("drawn", "stayed")
MODES = ("corner", "modal", "bottom-bar")
LOCALES = ("", "de", "fr", "pt-BR")
SIGNALS = ("none", "requests", "requests elements", "ads slots")
SESSIONS = (
    "",
    "",
    "s a",
    "s a ",
    "- b  ",
    "q b ",
    "- gone  ",
    "s  ",
    "s ",
    "x a ",
    "s a   ",
    "- A ",
)
FLAWS = ("origin", "encoding", "size", "syntax", "unknown-key", "value", "token")


def verdict(dice: Random, view: View) -> Told:
    """Return what a page may have found."""
    state = dice.choice(STATES)
    failed: tuple[int, ...] = ()
    if state in ("blocked", "partial") and dice.random() < 0.8:
        most = len(view.urls) if dice.random() < 0.5 else 2
        failed = tuple(dice.sample(list(view.urls)[:most], dice.randrange(0, most + 1)))
        if dice.random() < 0.05:
            failed = (*failed, 63)
    return Told(
        state,
        dice.choice(KINDS),
        failed=failed,
        elements=dice.random() < 0.3,
        recovered=dice.choice(("", "", "extension", "none")),
        session=dice.choice(SESSIONS),
    )


def acted(dice: Random, action: str) -> Told:
    """Return what a visitor may have done with a notice."""
    states = {"disputed": STATES[:1], "drawn": ("blocked", "partial")}
    state = dice.choice(states.get(action, STATES))
    return Told(
        state,
        dice.choice(KINDS),
        action=action,
        mode=dice.choice(MODES),
        variant=dice.choice(("", "a", "b", "gone")),
        locale=dice.choice(LOCALES),
        signals=dice.choice(SIGNALS) if action == "disputed" else "none",
    )


def body_of(view: View, told: Told, flaw: str) -> tuple[bytes, dict[str, str]]:
    """Return a report's body and headers, with what is wrong with it."""
    fields: dict[str, Any] = {"t": view.token, "p": view.page_token, "s": told.state}
    fields |= {"i": told.kind, "e": "blocked" if told.elements else "clear"}
    fields["f"] = list(told.failed)
    if told.recovered:
        fields["r"] = "a" + {"extension": "e", "none": "u"}[told.recovered]
    if told.session:
        fields["w"] = told.session
    if told.action:
        fields |= {"a": told.action, "m": told.mode, "y": told.variant, "l": told.locale}
    if told.action == "disputed":
        fields["g"] = told.signals
    if flaw == "unknown-key":
        fields["z"] = 1
    if flaw == "value":
        fields["s"] = "sad"
    if flaw == "token":
        fields["t"] = fields["t"][:-1] + ("b" if fields["t"][-1] != "b" else "c")
    body = json.dumps(fields).encode()
    if flaw == "size":
        body += b" " * 1024
    if flaw == "syntax":
        body = body[:-1]
    extra = {"origin": {"HTTP_SEC_FETCH_SITE": "cross-site"}}.get(flaw, {})
    return body, extra | ({"HTTP_CONTENT_ENCODING": "gzip"} if flaw == "encoding" else {})
