"""Two versions of a list, and the report of an audit of a planted site."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from detector.audit import folder
from detector.audit.model import PageVisit, Report, Under

OLD = """! Title: planted, January
##.stays-hidden
##.was-hidden
/old-teaser/
news.example##.known
"""
NEW = """! Title: planted, July
##.stays-hidden
##.promo
/teaser/*$script
###top-offer
@@/teaser/spared.js
||ads.example^
news.example##.known
news.example##.feature > .buy
news.example##.only-elsewhere > a
shop.example##.promo
news.example##.own
"""


@pytest.fixture
def lists(tmp_path: Path) -> tuple[str, str]:
    """Return an older and a newer list."""
    old, new = tmp_path / "old.txt", tmp_path / "new.txt"
    old.write_text(OLD)
    new.write_text(NEW)
    return str(old), str(new)


def visit(path: str, names: list[str], *requests: tuple[str, str]) -> PageVisit:
    """Return a clean visit to a page with names and requests."""
    url = f"https://news.example{path}"
    made = PageVisit(url, "none", status=200, final_url=url)
    made.names, made.requests = names, [*requests]
    return made


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Return the folder of a report on three pages."""
    report = Report("https://news.example/", "2026-01-01T00:00:00+00:00")
    report.blockers = [Under("none", "Chromium"), Under("easylist", "Chromium", "none")]
    script = ("https://news.example/teaser/a.js", "script")
    report.visits = [
        visit("/", [".stays-hidden", ".was-hidden", ".feature", ".buy"], script),
        visit("/pricing", [".promo", "#top-offer", ".known", ".own"]),
        visit(
            *("/about", [".promo"]),
            ("https://news.example/teaser/spared.js", "script"),
            ("https://cdn.ads.example/x.js", "script"),
        ),
        PageVisit("https://news.example/", "easylist", names=[".top-promo"]),
        PageVisit("https://news.example/gone", "none", error="did not answer"),
    ]
    out = tmp_path / "report"
    folder.prepare(out)
    folder.write(report, out)
    assert json.loads((out / "report.json").read_text())["format"] == folder.FORMAT
    return out
