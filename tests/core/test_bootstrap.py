"""The keys of the bootstrap and of reports: the same in Python and in the scripts."""

from __future__ import annotations

import re
from typing import get_args

import pytest

from detector.core import bootstrap
from detector.core.baits.pool import Type
from detector.core.reports import parser
from detector.doctor.wire import from_wire
from tests.support.root import ROOT

SOURCES = ROOT / "static/src"
PAIRS = {"bootstrap.js": bootstrap.KEYS, "report.js": parser.KEYS}


def keys_in(source: str) -> dict[str, str]:
    """Return the table KEYS of a script, with names as Python writes them."""
    table = re.search(r"KEYS = \{(.+?)\n\};", source, re.DOTALL)
    assert table
    found = re.findall(r'^  _(\w+): "(\w)",$', table[1], re.MULTILINE)
    return {re.sub("[A-Z]", lambda one: f"_{one[0].lower()}", name): key for name, key in found}


@pytest.mark.parametrize(("file", "keys"), PAIRS.items(), ids=PAIRS)
def test_keys_are_those_of_the_script(file: str, keys: dict[str, str]) -> None:
    """A script knows the same names and keys, and no key stands for two things."""
    assert keys_in((SOURCES / file).read_text("utf-8")) == keys
    assert len(set(keys.values())) == len(keys)


def test_bait_types_have_one_number() -> None:
    """Python and the script number the types of bait requests alike, and none is left out."""
    source = (SOURCES / "bootstrap.js").read_text("utf-8")
    numbers = re.findall(r"^export const ([A-Z]+) = (\d+);$", source, re.MULTILINE)
    assert {name.lower(): int(n) for name, n in numbers} == {
        name: number for number, name in enumerate(bootstrap.BAIT_TYPES)
    }
    assert set(bootstrap.BAIT_TYPES) == set(get_args(Type))
    types = (SOURCES / "types.d.ts").read_text("utf-8")
    named = re.findall(r'typeof import\("\./bootstrap\.js"\)\.([A-Z]+)', types)
    assert [name.lower() for name in named] == list(bootstrap.BAIT_TYPES)


def test_names_and_wire() -> None:
    """Values come back by the names they were sent with; a name without a key is an error."""
    values = {"view": "1", "baits": [[0, 1, "a", "b"]]}
    assert bootstrap.to_wire(values) == {"v": "1", "b": [[0, 1, "a", "b"]]}
    assert from_wire({**bootstrap.to_wire(values), "of another release": 1}) == values
    with pytest.raises(KeyError):
        bootstrap.to_wire({"no such name": 1})
