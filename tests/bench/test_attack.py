"""The fuzzing bench: a short run of each family, and proof that each detects its defects."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from itsdangerous import Signer

from bench.attack.__main__ import FAMILIES, main
from bench.attack.forging import forged, same_signature
from bench.attack.tally import Tally, run
from detector.core.endpoints import Endpoints
from detector.core.html import injector
from detector.core.reports import processor
from detector.core.reports.recent_views import RecentViews
from detector.core.response import ResponseRewriter
from detector.core.site import Site
from detector.core.tagger import Tagger
from detector.core.tokens import Tokens
from detector.core.user_agent import Visitor

CASES = range(60)
TOKENS = Tokens(["a secret for tests, long enough"])
PERSON = Visitor("firefox", "desktop", False)


def broken(name: str) -> set[str]:
    """Return the properties of a family that fail in a short run."""
    family = FAMILIES[name]()
    run(family, CASES, seed=1)
    return {name for name, found in family.tally.outcomes.items() if found.broken}


@pytest.mark.parametrize("name", FAMILIES)
def test_properties_hold(name: str) -> None:
    """Every property holds in a short run."""
    assert broken(name) == set()


def shortened(
    self: ResponseRewriter, chunk: bytes, feed: Callable[..., bytes] = ResponseRewriter.feed
) -> bytes:
    """Drop the last byte of each chunk."""
    return feed(self, chunk)[:-1]


def failing(*_: Any) -> None:
    """Raise an error."""
    raise RuntimeError("ours")


SABOTAGE: dict[tuple[str, str], tuple[Any, str, Any]] = {
    ("responses", "bytes"): (ResponseRewriter, "feed", shortened),
    ("responses", "errors"): (Tagger, "injector", failing),
    ("responses", "ordinary"): (Site, "_is_on", lambda self: False),
    ("placement", "place"): (injector, "find", lambda page, complete: min(20, len(page))),
    ("reports", "bad"): (processor, "classify", lambda header: PERSON),
    ("reports", "right"): (RecentViews, "once", lambda *_: True),
    ("reports", "errors"): (Endpoints, "_report", failing),
    ("cookies", "state"): (Tokens, "read_state", lambda self, token: "clear"),
    ("floods", "errors"): (Endpoints, "_get", failing),
    ("floods", "tokens"): (Tokens, "read_view", lambda self, token: "0" * 20),
}


@pytest.mark.parametrize("sabotage", SABOTAGE, ids=" ".join)
def test_what_breaks_is_noticed(sabotage: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A defect breaks the property that covers it."""
    monkeypatch.setattr(*SABOTAGE[sabotage])
    name, text = sabotage
    assert text in broken(name)


def test_a_broken_property_fails_the_command(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The exit status is 1, and the printed command repeats the first failing case."""
    monkeypatch.setattr(processor, "classify", lambda header: PERSON)
    assert main(["--only", "reports", "--count", "60", "--seed", "7"]) == 1
    printed = capsys.readouterr().out
    line = next(line for line in printed.splitlines() if "repeat: " in line and "7" in line)
    arguments = line.partition("scripts/bench attack ")[2].split()
    assert main(arguments) == 1
    assert "1 cases, seed 7" in capsys.readouterr().out


def test_bad_numbers_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """The error for a count below 1 names the option and the allowed values."""
    with pytest.raises(SystemExit):
        main(["--count", "0"])
    assert "--count 0: use a number above 0" in capsys.readouterr().err


def test_the_first_broken_case_is_told() -> None:
    """Each property has a line: held, broken with the first case, or never checked."""
    tally = Tally({"a": "A holds", "b": "B holds", "c": "C holds"})
    for tally.case in range(3):
        tally.check("a", True)
        tally.check("b", tally.case == 0, f"sent {tally.case}")
    assert not tally.good
    assert [" ".join(line.split()) for line in tally.lines("again")] == [
        "held 3 A holds",
        "BROKEN 2 B holds (of 3)",
        "first: sent 1",
        "repeat: again --case 1",
        "no case C holds",
    ]


def test_forged_tokens_differ() -> None:
    """A forged token is never the original; both spellings of itsdangerous are recognised."""
    for token in (TOKENS.view("0" * 20), TOKENS.page("/a"), Signer("key").sign("a").decode()):
        assert all(forged(Random(seed), token) != token for seed in range(300))
    assert same_signature(token, token + "=x")
    assert not same_signature(token, "a" + token)
