"""Disputed notices: counted once in closed words, bounded as every other action."""

from __future__ import annotations

import json

import pytest

from detector.core.assets import script
from detector.core.served_names import ServedNames
from detector.core.texts.locales import LOCALES
from detector.core.tokens import VIEW_AGE
from detector.core.vocabulary import PATTERNS, SIGNALS
from tests.conftest import Clock
from tests.core.endpoints.conftest import Visit, verdict

DISPUTE = {"s": "blocked", "a": "disputed", "i": "extension", "m": "corner", "l": "de"}


def test_counted_once_by_kind_browser_and_signals(visit: Visit) -> None:
    """A dispute counts once a view, by closed words that identify nobody."""
    body = verdict(visit, visit.control(), **DISPUTE, g="requests elements")
    for _ in range(3):
        visit.post(body)
    assert visit.counted("disputed") == 1
    for name, value in (
        *(("kind", "extension"), ("browser", "firefox"), ("signals", "requests elements")),
        *(("mode", "corner"), ("locale", "de")),
    ):
        assert visit.counted("disputed", "", name, value) == 1
    assert visit.counted("refused", dimension="reason", value="repeat") == 2


@pytest.mark.parametrize("signals", PATTERNS)
def test_every_pattern(visit: Visit, signals: str) -> None:
    """Each set of the four signals is one word, in one order; there are sixteen."""
    assert len(PATTERNS) == len(set(PATTERNS)) == 2 ** len(SIGNALS)
    visit.post(verdict(visit, visit.control(), **DISPUTE, g=signals))
    assert visit.counted("disputed", "", "signals", signals) == 1


def test_without_signals(visit: Visit) -> None:
    """A custom notice may dispute without saying what was seen."""
    visit.post(verdict(visit, visit.control(), **DISPUTE))
    assert visit.counted("disputed", "", "signals", "none") == 1


@pytest.mark.parametrize(
    "more",
    [
        *({"g": bad} for bad in ("elements requests", "hosts", "", " requests", "requests,ads")),
        *({"g": bad} for bad in (None, 1, True, ["requests"], {"requests": 1})),
        *({"s": state} for state in ("clear", "unknown")),
    ],
)
def test_refused_by_value(visit: Visit, more: dict[str, object]) -> None:
    """Other words are refused, and so is a dispute of a verdict that shows no notice."""
    visit.post(verdict(visit, visit.control(), **(DISPUTE | more)))
    assert visit.counted("disputed") == 0
    assert visit.counted("refused", dimension="reason", value="value") == 1


def test_signals_of_another_action_are_not_counted(visit: Visit) -> None:
    """Only a dispute says what was seen: no other action has that dimension."""
    visit.post(verdict(visit, visit.control(), **(DISPUTE | {"a": "steps", "g": "ads"})))
    assert visit.counted("steps", "blocked") == 1
    assert {key[2] for key in visit.site.counters.snapshot() if key[5] == "steps"} == {
        *("all", "group", "browser", "device", "kind", "mode", "locale"),
    }


def test_forged_token(visit: Visit) -> None:
    """A stranger without a token of this site's disputes nothing."""
    visit.post(verdict(visit, visit.control(), **DISPUTE, t="1" * 40))
    assert visit.counted("disputed") == 0
    assert visit.counted("refused", dimension="reason", value="token") == 1


def test_too_late(visit: Visit, clock: Clock) -> None:
    """A token is kept no longer for a dispute than for a verdict."""
    body = verdict(visit, visit.control(), **DISPUTE)
    clock.now += VIEW_AGE + 3600
    visit.post(body)
    assert visit.counted("disputed") == 0


def test_one_client_is_limited(visit: Visit) -> None:
    """A client that forges disputes counts as few as with any other report, each by a new view."""
    visit.remote = "9.9.9.9"
    views = 1000
    for n in range(views):
        told = {"t": visit.site.tokens.view(f"{n:020}")}
        visit.post(verdict(visit, told, **DISPUTE))
    limited = visit.counted("refused", dimension="reason", value="rate")
    assert limited > views / 2
    assert visit.counted("disputed") == views - limited


@pytest.mark.parametrize("locale", LOCALES)
def test_panel(visit: Visit, locale: str) -> None:
    """The click fetches the panel's script and its texts, in each language."""
    names: ServedNames = visit.site.names
    answer = visit.get(names.texts, f"m=corner&i=extension&y=&l={locale}&d=1")
    found = json.loads(answer.body)
    assert found["src"] == names.script("panel", script("panel").content_hash)
    assert visit.get(found["src"]).body == script("panel").body
    assert tuple(found["saw"]) == SIGNALS
    texts = [*found["saw"].values(), *(found[name] for name in ("title", "why", "thanks"))]
    assert all(texts)
    assert found["counted"] != found["local"]
