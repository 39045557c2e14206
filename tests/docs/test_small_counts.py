"""No text claims that small counts are protected: they are not (decision 91)."""

from __future__ import annotations

import contextlib
import io
import re
import time
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import Client

from detector.cli.main import main
from detector.cli.privacy_text import paragraph
from detector.core.config.options import Config
from detector.core.counting.counters import Counters
from detector.dashboard import app
from detector.stores.sqlite.store import SqliteStore
from tests.support.root import ROOT

CLAIM = re.compile(
    r"anonymi[sz]|anonymous|singled? out|differential privacy|k-anonym"
    r"|\bnothing\b[^.|]{0,30}\btells?\b[^.|]{0,30}\b(visitor|you|person|others)"
    r"|tells? one visitor from|tells? you apart|distinguish(es)? (one )?(visitor|people|person)"
    r"|(few|fewer|small)\b[^.|]{0,40}\b(views|cells|counts|groups|rows)\b[^.|]{0,30}\bhidden"
    r"|figures of few|cells? (is|are) hidden|hidden (cell|figure|value)s?\b"
    r"|(found|revealed?|computed) by subtract|prevent computing"
    r"|protects? (the |a |your )?(visitors?|people|small)",
    re.IGNORECASE,
)
OLD = (
    "Counts only: nothing here tells one visitor from another.",
    "Rows of fewer than ten views are hidden.",
    "nothing in them can tell you apart from others",
    "Rows of fewer than ten views are hidden, with the next smallest where one could be found by",
    "Cells of fewer than\nten views are hidden in every report.",
    "never the full cube, so that no visitor can be singled out",
    "2 rows of few views are hidden",
    "figures of few are hidden",
    "a bounded table in memory that cannot distinguish visitors",
)
# What is said of requests, headers and other people's words, and the decision with its reasons.
_OTHERS = re.compile(r"sec-purpose|anonymous-client-ip|crossorigin", re.IGNORECASE)
_SPARED = {"0091-small-counts-are-shown.md"}
OPTIONS: tuple[dict[str, Any], ...] = (
    *({"level": level} for level in ("off", "local", "stats", "full")),
    {"consent": "page", "shared_limits": True, "store": "counts.sqlite", "gpc": "local"},
    {"notice": "none", "reuse_minutes": 5},
)


def claims(text: str) -> list[str]:
    """Return the claims in a text, whatever its line breaks."""
    flat = _OTHERS.sub("", " ".join(text.split()))
    return [found[0] for found in CLAIM.finditer(flat)]


def texts() -> list[Path]:
    """Return the files that an owner or a visitor reads, and the code that has their words."""
    found = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    for folder in ("analytics", "cli", "core/counting", "dashboard", "watch", "metrics"):
        found += [
            file
            for file in (ROOT / "detector" / folder).rglob("*")
            if file.suffix in (".py", ".html")
        ]
    return [file for file in found if file.name not in _SPARED]


@pytest.mark.parametrize("text", OLD)
def test_claims_are_recognised(text: str) -> None:
    """The sentences that once claimed it are recognised."""
    assert claims(text)


def test_files_claim_nothing() -> None:
    """Neither documentation nor the words in the code claim that small counts are protected."""
    files = texts()
    assert len(files) > 150
    found = {str(file.relative_to(ROOT)): claims(file.read_text("utf-8")) for file in files}
    assert {file: said for file, said in found.items() if said} == {}


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_privacy_paragraph_claims_nothing(options: dict[str, Any]) -> None:
    """The paragraph for the owner's page says what a number is, and that one may be of one view."""
    text = paragraph(Config(secret="a secret for tests, long enough", **options))
    assert claims(text) == []
    counted = options.get("level") not in ("off", "local")
    assert ("a number may be of a single page view" in text) is counted


def test_dashboard_and_command_claim_nothing(tmp_path: Path) -> None:
    """The page and the command show one view as one, and claim nothing else."""
    store = SqliteStore(tmp_path / "counts.sqlite")
    counters = Counters("site")
    counters.count("view", group="/rare", browser="opera")
    counters.count("verdict", "blocked", group="/rare", browser="opera", kind="extension")
    store.add(counters.drain())
    store.close()
    page = Client(app(str(store.path), allowed=lambda _: True)).get("/").text
    shown = io.StringIO()
    since = time.strftime("%Y-%m-%d", time.gmtime(time.time() - 2 * 86_400))
    with contextlib.redirect_stdout(shown):
        for more in ([], ["--by", "group"], ["--by", "group", "--csv"], ["--by", "bait"]):
            assert main(["stats", "--db", str(store.path), "--since", since, *more]) == 0
        with pytest.raises(SystemExit):
            main(["stats", "--help"])
    plain = re.sub(r"<style.*?</style>|<[^>]+>", " ", page, flags=re.DOTALL)
    assert claims(plain) == claims(shown.getvalue()) == []
    assert "A count may be of a single view" in plain
    assert "1 of 1 : few" in " ".join(plain.split())
    assert "few 100.0%" in shown.getvalue()
