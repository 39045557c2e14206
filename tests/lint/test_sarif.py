"""SARIF: valid by the standard's schema, whatever names and paths contain."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib import import_module
from typing import Any

import pytest

from detector.lint import sarif
from detector.lint.findings import Judge
from tests.lint.test_findings import finding
from tests.support.root import ROOT

# OASIS' schema, as a package of npm carries it.
SCHEMA = ROOT / "node_modules/@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json"


@pytest.fixture(scope="module")
def check() -> Any:
    """Return the function that raises for what is not valid."""
    validator = import_module("jsonschema").Draft7Validator
    schema = json.loads(SCHEMA.read_text("utf-8"))
    return validator(schema, format_checker=validator.FORMAT_CHECKER).validate


def test_it_is_valid(judge: Judge, check: Any) -> None:
    """Findings, new and known, make a valid file, and so do none; the schema can refuse."""
    one, other = finding(judge, "adslot-x"), finding(judge, "/i/x-728x90.png", "image")
    note = replace(other, level="note", suggestion="/i/x.png")
    for findings in ([], [one, note]):
        made = json.loads(sarif.dump(findings, [other], "4 rules are not read"))
        check(made)
        (run,) = made["runs"][0]["invocations"]
        assert run["toolExecutionNotifications"][0]["message"]["text"] == "4 rules are not read"
    broken = json.loads(sarif.dump([one]))
    broken["runs"][0]["results"][0]["level"] = "fatal"
    with pytest.raises(import_module("jsonschema").ValidationError):
        check(broken)


@pytest.mark.parametrize(
    ("file", "uri"),
    [
        ("a b/ü#1?.html", "a%20b/%C3%BC%231%3F.html"),
        ("/tmp/a:b%.css", "file:///tmp/a%3Ab%25.css"),
        ("bad\udcff.css", "bad%FF.css"),
        ("https://news.example/a?b=c&d=é", "https://news.example/a?b=c&d=%C3%A9"),
        ("a\x1b[31m\n.css", "a%1B%5B31m%0A.css"),
    ],
)
def test_odd_paths(judge: Judge, check: Any, file: str, uri: str) -> None:
    """A path is percent-encoded as a URI needs it, and no control letter is left in the text."""
    text = sarif.dump([replace(finding(judge, "adslot-x"), file=file)])
    check(json.loads(text))
    place = json.loads(text)["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == uri
    assert place["region"] == {"startLine": 2, "startColumn": 5, "endColumn": 13}
    assert "\x1b" not in text


def test_fingerprints_follow_names_and_not_lines(judge: Judge) -> None:
    """A finding that only moved keeps its fingerprint; another name has another one."""
    one = finding(judge, "adslot-x")
    moved = replace(one, name=replace(one.name, line=9))
    other = replace(one, name=replace(one.name, text="other"))
    results = json.loads(sarif.dump([one, moved, other]))["runs"][0]["results"]
    marks = [result["partialFingerprints"]["name/v1"] for result in results]
    assert marks[0] == marks[1] != marks[2]
