"""Findings in SARIF 2.1.0 (OASIS), which code hosts show at the line.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from detector import __version__
from detector.core.printable import printable
from detector.lint.findings import Finding
from detector.lint.report import rule

_RULES = {
    "hidden-element": "Filter lists hide elements with this class or id.",
    "blocked-request": "Filter lists block requests for this address.",
}


def dump(new: Iterable[Finding], known: Iterable[Finding] = (), note: str = "") -> str:
    """Return the text of a SARIF file; known findings are unchanged, `note` is about the run."""
    results = [_result(finding, "new") for finding in new]
    results += [_result(finding, "unchanged") for finding in known]
    driver = {
        "name": "detector lint",
        "version": __version__,
        "rules": [
            {"id": name, "shortDescription": {"text": text}} for name, text in _RULES.items()
        ],
    }
    told = [{"level": "note", "message": {"text": note}}] if note else []
    run = {
        "tool": {"driver": driver},
        "invocations": [{"executionSuccessful": True, "toolExecutionNotifications": told}],
        "columnKind": "unicodeCodePoints",
        "results": results,
    }
    made = {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0"}
    return json.dumps({**made, "runs": [run]}, indent=2) + "\n"


def _result(finding: Finding, state: str) -> dict[str, Any]:
    name = finding.name
    text = f"{name.text} ({name.kind}) is {finding.effect} by " + "; ".join(
        map(rule, finding.rules)
    )
    if finding.suggestion:
        text += f". A name that no list knows: {finding.suggestion}"
    mark = f"{finding.file}\0{name.kind}\0{name.text}".encode("utf-8", "replace")
    end = name.column + (len(name.text) if name.use != "file" else 0)
    region = {"startLine": name.line, "startColumn": name.column, "endColumn": end}
    location = {"artifactLocation": {"uri": uri(finding.file)}, "region": region}
    return {
        "ruleId": "hidden-element" if name.is_element else "blocked-request",
        "level": finding.level,
        "message": {"text": printable(text)},
        "locations": [{"physicalLocation": location}],
        "partialFingerprints": {"name/v1": hashlib.sha256(mark).hexdigest()},
        "baselineState": state,
    }


def uri(file: str) -> str:
    """Return a file's name or address as a URI reference; odd letters are percent-encoded."""
    if "://" in file:
        return quote(file, safe=":/?#[]@!$&'()*+,;=%~")
    path = PurePath(file)
    quoted = quote(path.as_posix().encode("utf-8", "surrogateescape"), safe="/")
    return f"file://{quoted}" if path.is_absolute() else quoted
