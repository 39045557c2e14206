"""A baseline: known findings do not fail, wherever in their file they stand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from detector.lint import baseline
from detector.lint.files import LintError
from detector.lint.findings import Judge
from tests.lint.test_findings import finding


def test_known_new_and_gone(judge: Judge, tmp_path: Path) -> None:
    """What is moved is known; one use more is new; what is not found any more is gone."""
    one, other = finding(judge, "adslot-x"), finding(judge, "/i/x-728x90.png", "image")
    file = tmp_path / "known.json"
    file.write_text(baseline.dump([one, other]))
    moved = replace(one, name=replace(one.name, line=40))
    assert baseline.split([moved, one], baseline.load(file)) == (
        [one],
        [moved],
        [("a.html", "image", "/i/x-728x90.png")],
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{",
        "null",
        '{"version": 1}',
        '{"version": 2, "findings": []}',
        "[" * 99999,
        "\xff",
    ],
)
def test_a_file_that_is_no_baseline(text: str, tmp_path: Path) -> None:
    """Anything else is refused with the option, the file, and the command that makes one."""
    file = tmp_path / "known.json"
    file.write_bytes(text.encode("latin-1"))
    with pytest.raises(LintError, match=r"--baseline .*known\.json.*--write-baseline"):
        baseline.load(file)


def test_a_baseline_of_another_site(judge: Judge, tmp_path: Path) -> None:
    """A baseline that is about none of the files that were read is refused, not passed over."""
    file = tmp_path / "known.json"
    file.write_text(baseline.dump([finding(judge, "adslot-x")]))
    known = baseline.load(file)
    baseline.check_files(known, ["a.html", "b.html"])
    with pytest.raises(LintError, match=r"a\.html is not among those that were read"):
        baseline.check_files(known, ["b.html"])
