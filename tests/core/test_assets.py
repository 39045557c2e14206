"""The built scripts: sizes, and words that they must not contain."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

import pytest

from detector.core import assets
from detector.core.assets import folder, script
from detector.core.notice.payload import payload
from detector.core.served_names import SCRIPTS

# Blockers' scripts search for such words in the source of functions and the names of globals.
WORDS = re.compile(
    rb"adb|adblock|adsbygoogle|canrunads|fuckad|bait|blocker|getComputedStyle|offsetHeight"
    rb"|googlesyndication|doubleclick|no-cors|HEAD|innerHTML",
    re.IGNORECASE,
)


def test_where_the_scripts_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are in the package, else beside it as in a checkout; else the error says what to do."""
    package = tmp_path / "detector"
    monkeypatch.setattr(assets, "_PACKAGE", package)
    with pytest.raises(FileNotFoundError) as error:
        folder()
    assert str(error.value) == (
        "static/detect.min.js is missing: reinstall adblock-detector, or in a checkout run: "
        "npm install && npm run build"
    )
    for place in (tmp_path / "static", package / "static"):
        place.mkdir(parents=True)
        (place / "detect.min.js").touch()
        assert folder() == place


def test_detect_is_small() -> None:
    """The script that every page loads is at most 2,304 bytes as served."""
    assert len(script("detect").packed) <= 2304


@pytest.mark.parametrize("name", ["followup", "preload"])
def test_other_scripts_are_small(name: str) -> None:
    """Scripts for verdicts that are not clear, or for opting in, are at most 2,304 bytes each."""
    assert len(script(name).packed) <= 2304


def test_notice_is_small() -> None:
    """The notice with its style and one language's texts is at most 6,144 bytes as served."""
    texts = max(
        len(gzip.compress(json.dumps(payload(mode), separators=(",", ":")).encode(), 9))
        for mode in ("corner", "modal")
    )
    assert len(script("notice").packed) + texts <= 6144


@pytest.mark.parametrize("name", SCRIPTS)
def test_no_word_that_lists_look_for(name: str) -> None:
    """No built script contains a word that blockers' scripts search for."""
    found = {word.decode() for word in WORDS.findall(script(name).body)}
    assert not found - {"head"}


@pytest.mark.parametrize("name", SCRIPTS)
def test_nothing_is_read_from_document(name: str) -> None:
    """No built script reads a property that a name in the page can clobber."""
    assert not re.search(rb"\bdocument\s*(\.|\?\.|\[)", script(name).body)


@pytest.mark.parametrize("name", SCRIPTS)
def test_packed_is_the_same(name: str) -> None:
    """The compressed form decompresses to the script."""
    assert gzip.decompress(script(name).packed) == (folder() / f"{name}.min.js").read_bytes()
