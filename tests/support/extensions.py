"""Small extensions that a test makes, as a folder or a zip, and why one is refused."""

from __future__ import annotations

import json
import os
import zipfile
from pathlib import Path
from typing import Any

import pytest

from detector.testing.blockers import BlockerError, Options
from detector.testing.blockers.added import add, entries

MANIFEST = {"name": "Mine", "version": "1.2", "manifest_version": 3}
GECKO = {"browser_specific_settings": {"gecko": {"id": "mine@maker.example"}}}
Files = dict[str, str]


def manifest(**more: Any) -> Files:
    """Return the files of an extension with this manifest."""
    return {"manifest.json": json.dumps({**MANIFEST, **more}), "a.js": "// a"}


def folder(path: Path, files: Files) -> Path:
    """Write files below a folder."""
    for name, text in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_text(text, "utf-8")
    return path


def zipped(path: Path, files: Files, before: bytes = b"") -> Path:
    """Write files as a zip, after other bytes as in a crx."""
    with path.open("wb") as file:
        file.write(before)
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, text in files.items():
                archive.writestr(name, text)
    return path


def refusal(source: object, options: Options) -> str:
    """Return why a source is refused, after a check that it is named and nothing is kept."""
    with pytest.raises(BlockerError) as caught:
        add("mine", str(source), options)
    assert str(caught.value).startswith(f"{source}: ")
    assert entries(options) == {}
    assert list((Path(os.environ["XDG_CACHE_HOME"])).rglob("*.zip")) == []
    return str(caught.value).removeprefix(f"{source}: ")
