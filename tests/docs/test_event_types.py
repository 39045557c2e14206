"""The types of our events agree with docs/reference/events.md, and tsc with samples of use."""

from __future__ import annotations

import re

import pytest

from detector.core.vocabulary import KINDS, NOTICE_ACTIONS, SIGNALS, STATES
from tests.support.compiler import EVENT_TYPES, compiled
from tests.support.root import ROOT

TEXT = EVENT_TYPES.read_text("utf-8")
PAGE = (ROOT / "docs/reference/events.md").read_text("utf-8")
SAMPLES = ROOT / "tests/js/events"


def union(name: str) -> list[str]:
    """Return the words of a type that is one of some words."""
    found = re.search(rf"type {name} =([^;]+);", TEXT)
    assert found, name
    return re.findall(r'"([^"]+)"', found[1])


def fields(interface: str) -> set[str]:
    """Return the names of an interface's fields and methods."""
    found = re.search(rf"interface {interface} \{{\n(.*?)\n *\}}", TEXT, re.S)
    assert found, interface
    return set(re.findall(r'^ *"?([\w:]+)"?\??[:(]', found[1], re.M))


def test_right_use_compiles() -> None:
    """All that the documentation offers compiles, and the scripts' own types agree."""
    assert compiled(ROOT / "static/src/types.d.ts", SAMPLES / "right.ts") == []


def test_each_mistake_is_refused() -> None:
    """Of the file of mistakes each line is an error, and nothing else is."""
    lines = (SAMPLES / "wrong.ts").read_text("utf-8").splitlines()
    said = compiled(SAMPLES / "wrong.ts")
    found = [int(n) for n in re.findall(r"wrong\.ts\((\d+),", "\n".join(said))]
    assert found == [n for n, line in enumerate(lines, 1) if not line.startswith("//")], said


def test_every_documented_event_has_a_type() -> None:
    """Each event of the page has a type, and each type is of an event of the page."""
    assert fields("DocumentEventMap") == set(re.findall(r"^`(ads:\w+)`$", PAGE, re.M))


@pytest.mark.parametrize("interface", ["Verdict", "NoticeRequest"])
def test_every_field_is_documented(interface: str) -> None:
    """Each field that a page may read is named in the reference, and has a type."""
    heading = {"Verdict": "Fields of a verdict", "NoticeRequest": "Fields of a request"}[interface]
    section = PAGE.partition(f"\n### {heading}")[2].partition("\n##")[0]
    assert fields(interface) == set(re.findall(r"^\| `(\w+)` \|", section, re.M))


def test_words_are_those_of_the_vocabulary() -> None:
    """States, kinds, signals and actions are the code's, in the same order."""
    assert union("State") == list(STATES)
    assert union("Kind") == list(KINDS)
    assert union("Action") == list(NOTICE_ACTIONS)
    signals = re.search(r"signals: Partial<Record<(.+?), Signal>>", TEXT)
    assert signals and re.findall(r'"(\w+)"', signals[1]) == list(SIGNALS)
