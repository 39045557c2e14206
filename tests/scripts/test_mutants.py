"""scripts/mutants: which tests it runs, what it prints, and the list of what is accepted."""

from __future__ import annotations

import re
import tomllib

import pytest

from scripts.mutants import (
    ACCEPTED,
    WORDS,
    Mutant,
    accepted,
    chosen,
    expanded,
    mirrored,
    report,
    same,
    settings,
)
from tests.support.root import ROOT

ONE = Mutant("detector/core/switch.py", "if now >= at:", "if now > at:")
OTHER = Mutant(ONE.file, "return now", "return None")


@pytest.mark.parametrize(
    ("file", "tests"),
    [
        ("detector/core/switch.py", "tests/core/test_switch.py"),
        ("detector/core/limits/rate_limiter.py", "tests/core/limits/test_rate_limiter.py"),
        ("detector/core/counting/flusher.py", "tests/core/counting/flusher"),
        ("detector/core/html/page_info.py", "tests/core/html"),
        ("detector/core/fork.py", "tests/core"),
    ],
)
def test_a_file_has_its_own_tests(file: str, tests: str) -> None:
    """The test file of the same name, else the folder, else the folder above."""
    assert mirrored(file) == tests


def test_own_tests_are_asked_first() -> None:
    """All own tests run, the quickest first; of the others as many as take three seconds."""
    own = "tests/core/test_switch.py"
    seconds = {f"{own}::slow": 9.0, "tests/core/test_b.py::b": 2.5, f"{own}::quick": 0.5}
    seconds |= {"tests/core/test_a.py::a": 0.5, "tests/core/test_switch.pyi::c": 0.1}
    assert chosen(seconds, own) == [
        f"{own}::quick",
        f"{own}::slow",
        "tests/core/test_switch.pyi::c",
        "tests/core/test_a.py::a",
    ]
    assert chosen({"tests/core/limits/test_a.py::a": 5.0}, "tests/core/limits") != []


def test_paths_are_of_the_core() -> None:
    """Files and folders below detector/core are taken; another path is refused with its name."""
    assert expanded(["detector/core/switch.py"]) == ["detector/core/switch.py"]
    limits = expanded(["detector/core/limits"])
    assert "detector/core/limits/rate_limiter.py" in limits
    assert not [file for file in limits if file.endswith("__init__.py")]
    for path in ("detector/cli", "detector/core/../cli/main.py", "detector/core/none.py"):
        with pytest.raises(ValueError, match=path):
            expanded([path])


def test_settings_are_toml() -> None:
    """The table for mutmut can be appended to pyproject.toml."""
    text = (ROOT / "pyproject.toml").read_text("utf-8") + settings()
    assert tomllib.loads(text)["tool"]["mutmut"]["do_not_mutate_patterns"] == list(WORDS)


@pytest.mark.parametrize(
    "line", ['    _log.warning("%s", error)', '    log.error("detector: " + text)']
)
def test_words_of_the_log_are_left(line: str) -> None:
    """A line that writes to the log is not changed, whatever the logger is called."""
    assert any(re.search(pattern, line) for pattern in WORDS)


def test_names_in_any_case_are_no_mutants() -> None:
    """Another case of an encoding's or a hash's name changes nothing; other texts count."""
    assert same(Mutant("a.py", 'digest(key, "sha256")', 'digest(key, "SHA256")'))
    assert same(Mutant("a.py", "text.encode('ascii')", "text.encode('ASCII')"))
    assert not same(Mutant("a.py", 'digest(key, "sha256")', 'digest(None, "sha256")'))
    assert not same(Mutant("a.py", 'name == "get"', 'name == "GET"'))


def test_what_is_left_fails() -> None:
    """A missed mutant without a reason is printed; an accepted one is not and does not count."""
    results = [(ONE, False), *[(OTHER, True)] * 9]
    lines, well = report(results, {}, [ONE.file])
    assert not well and ONE.becomes in lines[0]
    assert lines[-1] == "all: found 9 of 10 (90 %); 0 are accepted"
    lines, well = report(results, {ONE: "same"}, [ONE.file])
    assert well and lines[-1] == "all: found 9 of 9 (100 %); 1 are accepted"


def test_each_file_has_its_share() -> None:
    """A file has a line of its own, also one in which nothing can be changed."""
    files = [ONE.file, "detector/core/errors.py"]
    assert report([(ONE, True), (OTHER, True)], {}, files)[0] == [
        f"{ONE.file}: found 2 of 2 (100 %); 0 are accepted",
        "detector/core/errors.py: found 0 of 0 (none); 0 are accepted",
        "all: found 2 of 2 (100 %); 0 are accepted",
    ]


def test_accepted_for_nothing_fails() -> None:
    """An accepted mutant that tests find is to be removed; those of other files stay."""
    lines, well = report([(ONE, True)], {ONE: "same"}, [ONE.file])
    assert not well and "remove" in lines[0]
    assert report([], {ONE: "same"}, ["detector/core/tokens.py"])[1]


def test_accepted_mutants_are_of_today() -> None:
    """Each entry has a reason, and its line still stands in its file."""
    for one in accepted(ACCEPTED.read_text("utf-8")):
        lines = (ROOT / one.file).read_text("utf-8").splitlines()
        assert one.was in " ".join(line.strip() for line in lines), one
    with pytest.raises(ValueError, match="reason"):
        accepted('[[mutant]]\nfile = "a"\nwas = "b"\nbecomes = "c"\nreason = ""\n')
