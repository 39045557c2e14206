"""scripts/mutants: which tests it runs, how it reads mutmut, and the list of what is accepted."""

from __future__ import annotations

import re
import tomllib

import pytest

from scripts.mutants import (
    ACCEPTED,
    WORDS,
    Mutant,
    accepted,
    expanded,
    mirrored,
    mutant,
    report,
    settings,
    statuses,
)
from tests.support.root import ROOT

ONE = Mutant("detector/core/switch.py", "if now >= at:", "if now > at:")
SHOWN = """# detector.core.switch.xǁSwitchǁis_on__mutmut_3: survived
--- detector/core/switch.py
+++ detector/core/switch.py
@@ -1,3 +1,3 @@
     def is_on(self) -> bool:
-        if now >= at:
+        if now > at:
             pass
"""


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
    text = (ROOT / "pyproject.toml").read_text("utf-8") + settings([ONE.file], ["tests/a"], ["b"])
    table = tomllib.loads(text)["tool"]["mutmut"]
    assert table["only_mutate"] == [ONE.file]
    assert table["pytest_add_cli_args_test_selection"] == ["tests/a"]


@pytest.mark.parametrize(
    "line", ['    _log.warning("%s", error)', '    log.error("detector: " + text)']
)
def test_words_of_the_log_are_left(line: str) -> None:
    """A line that writes to the log is not changed, whatever the logger is called."""
    assert any(re.search(pattern, line) for pattern in WORDS)


def test_reads_what_mutmut_prints() -> None:
    """A mutant is known by its file and its lines, whatever number mutmut gives it."""
    name = "detector.core.switch.xǁSwitchǁis_on__mutmut_3"
    told = statuses(f"    {name}: survived\n    detector.core.a.x_b__mutmut_1: no tests\n")
    assert told == {name: "survived", "detector.core.a.x_b__mutmut_1": "no tests"}
    assert mutant(name, SHOWN) == ONE


def test_what_is_left_fails() -> None:
    """A missed mutant without a reason is printed; an accepted one is not and does not count."""
    lines, well = report(9, [ONE], {}, [ONE.file])
    assert not well and ONE.becomes in lines[0]
    assert lines[-1] == "found 9 of 10 (90 %); 0 are accepted"
    assert report(9, [ONE], {ONE: "same"}, [ONE.file]) == (
        ["found 9 of 9 (100 %); 1 are accepted"],
        True,
    )


def test_accepted_for_nothing_fails() -> None:
    """An accepted mutant that tests find is to be removed; those of other files stay."""
    lines, well = report(9, [], {ONE: "same"}, [ONE.file])
    assert not well and "remove" in lines[0]
    assert report(9, [], {ONE: "same"}, ["detector/core/tokens.py"])[1]


def test_accepted_mutants_are_of_today() -> None:
    """Each entry has a reason, and its line still stands in its file."""
    for one in accepted(ACCEPTED.read_text("utf-8")):
        lines = (ROOT / one.file).read_text("utf-8").splitlines()
        assert one.was in " ".join(line.strip() for line in lines), one
    with pytest.raises(ValueError, match="reason"):
        accepted('[[mutant]]\nfile = "a"\nwas = "b"\nbecomes = "c"\nreason = ""\n')
