"""The paragraph for the owner's privacy page: it says what the options do, and no more."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from detector.cli.main import main
from detector.cli.privacy_text import paragraph
from detector.core.config.options import Config
from tests.support.root import ROOT

SECRET = "a secret for tests, long enough"
COUNTED, COOKIE, QUIET = "count on how many page views", "A cookie of our own host", "Not now"
VIEWS, SESSION, FORMS = "how many pages", "that we did", "which of several forms"
ALLOWED = "once you allowed ads, a mark"
DISPUTED, SIGNS = "told us that you block no ads", "which of four signs"
SAYS = {DISPUTED, SIGNS}
ALL = {
    COUNTED,
    DISPUTED,
    SIGNS,
    COOKIE,
    QUIET,
    ALLOWED,
    VIEWS,
    SESSION,
    FORMS,
    "If you agree",
    "No other company",
}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"level": "off"}, set()),
        ({"level": "local"}, {QUIET, DISPUTED, "No other company"}),
        ({}, {COUNTED, QUIET, *SAYS, ALLOWED, VIEWS, SESSION, "No other company"}),
        (
            {"level": "full"},
            {COUNTED, QUIET, *SAYS, ALLOWED, VIEWS, SESSION, COOKIE, "No other company"},
        ),
        ({"notice": "none"}, {COUNTED, "No other company"}),
        (
            {"notice": "none", "unreachable_notice": True},
            {COUNTED, QUIET, ALLOWED, SESSION, "No other company"},
        ),
        ({"notice": "custom"}, {COUNTED, ALLOWED, VIEWS, SESSION, "No other company"}),
        (
            {"from_view": 1, "once_a_session": False},
            {COUNTED, QUIET, *SAYS, ALLOWED, "No other company"},
        ),
        (
            {"every": 3, "once_a_session": False},
            {COUNTED, QUIET, *SAYS, ALLOWED, VIEWS, "No other company"},
        ),
        (
            {"shared_limits": True, "store": "counts.sqlite"},
            {
                COUNTED,
                QUIET,
                *SAYS,
                ALLOWED,
                VIEWS,
                SESSION,
                "kept for 26 hours",
                "No other company",
            },
        ),
        ({"consent": "page"}, ALL - {COOKIE, FORMS}),
        (
            {"variants": ({"name": "a"}, {"name": "b", "preset": "warm"})},
            {COUNTED, QUIET, *SAYS, ALLOWED, VIEWS, SESSION, FORMS, "No other company"},
        ),
        (
            {"probe_urls": ("https://ads.example/a.js", "https://b.example/b.js")},
            {COUNTED, QUIET, *SAYS, ALLOWED, VIEWS, SESSION, "ads.example and b.example"},
        ),
        (
            {"reuse_minutes": 10},
            {
                COUNTED,
                QUIET,
                *SAYS,
                ALLOWED,
                VIEWS,
                SESSION,
                "keeps for 10 minutes",
                "No other company",
            },
        ),
        (
            {"gpc": "local"},
            {
                COUNTED,
                QUIET,
                *SAYS,
                ALLOWED,
                VIEWS,
                SESSION,
                "Do Not Track, nothing is",
                "No other company",
            },
        ),
    ],
)
def test_says_what_the_options_do(options: dict[str, Any], said: set[str]) -> None:
    """Each sentence appears exactly if its option makes it true."""
    text = paragraph(Config(secret=SECRET, **options))
    known = ALL | {
        "kept for 26 hours",
        "ads.example and b.example",
        "keeps for 10 minutes",
        "Do Not Track, nothing is",
    }
    assert {words for words in known if words in text} == said


def test_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`detector config --privacy` reads the given file, and prints no secret."""
    file = tmp_path / "detector.toml"
    file.write_text(f'level = "full"\nsecret = "{SECRET}"')
    assert main(["config", "--file", str(file), "--privacy"]) == 0
    out = capsys.readouterr().out
    assert out == paragraph(Config(secret=SECRET, level="full")) + "\n"
    assert SECRET not in out


def test_docs_say_the_same() -> None:
    """The sample in the docs is the paragraph for the defaults."""
    docs = (ROOT / "docs/explanation/privacy.md").read_text("utf-8")
    quoted = " ".join(line[2:] for line in docs.splitlines() if line.startswith("> "))
    assert quoted == paragraph(Config(secret=SECRET))
