"""A baseline: the findings that are known already, so that only new ones fail.

A line number is not part of it: what is moved within a file stays known.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from detector.lint.files import LintError
from detector.lint.findings import Finding

VERSION = 1
_Key = tuple[str, str, str]


def dump(findings: Iterable[Finding]) -> str:
    """Return the text of a baseline with these findings."""
    counted = Counter(map(_key, findings))
    entries = [
        {"file": file, "kind": kind, "name": name, "count": count}
        for (file, kind, name), count in sorted(counted.items())
    ]
    return json.dumps({"version": VERSION, "findings": entries}, indent=1) + "\n"


def load(path: Path) -> Counter[_Key]:
    """Return how often each finding is known; LintError names the file and the fix."""
    fix = f"create it with --write-baseline {path}"
    try:
        data: Any = json.loads(path.read_text("utf-8"))
        if data["version"] != VERSION:
            raise LintError(f"--baseline {path}: has the version {data['version']!r}; {fix}")
        return Counter(
            {
                (str(e["file"]), str(e["kind"]), str(e["name"])): int(e["count"])
                for e in data["findings"]
            }
        )
    except OSError as error:
        raise LintError(f"--baseline {path}: cannot be read ({error.strerror}); {fix}") from None
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        if isinstance(error, LintError):
            raise
        raise LintError(f"--baseline {path}: is not a baseline; {fix}") from None


def split(
    findings: Iterable[Finding], known: Counter[_Key]
) -> tuple[list[Finding], list[Finding], list[_Key]]:
    """Return the new findings, the known ones, and what is known but gone.

    LintError if none of the known findings is in a file that was read: a baseline of another site.
    """
    left = known.copy()
    new: list[Finding] = []
    old: list[Finding] = []
    for finding in findings:
        if left[_key(finding)] > 0:
            left[_key(finding)] -= 1
            old.append(finding)
        else:
            new.append(finding)
    return new, old, sorted((+left).elements())


def check_files(known: Counter[_Key], files: Iterable[str]) -> None:
    """Raise LintError if a baseline is about none of the files that were read."""
    about = {file for file, _, _ in known}
    if about and about.isdisjoint(files):
        raise LintError(
            f"--baseline: is about other files ({min(about)} is not among those that were read); "
            "run in the folder where it was made, with the same paths"
        )


def _key(finding: Finding) -> _Key:
    return finding.file, finding.name.kind, finding.name.text
