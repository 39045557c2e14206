"""A Manifest V3 extension as a folder: checked, and unpacked where it is a zip or crx."""

from __future__ import annotations

import json
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from detector.qa.blockers.model import BlockerError


@dataclass(frozen=True)
class Manifest:
    """What an extension says of itself."""

    name: str
    version: str
    level: int

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read the manifest of an unpacked extension; raises ValueError."""
        try:
            data: Any = json.loads((folder / "manifest.json").read_text("utf-8-sig"))
            return cls(str(data["name"]), str(data["version"]), int(data["manifest_version"]))
        except OSError as error:
            raise ValueError(f"has no manifest.json that can be read ({error.strerror})") from None
        except (TypeError, KeyError, ValueError) as error:
            raise ValueError(f"its manifest.json is broken ({error!r})") from None


@contextmanager
def unpacked(name: str, path: str) -> Iterator[Path]:
    """Give the folder of an extension; what is none raises `BlockerError`."""
    option = f"--blocker-extension {name}={path}"
    with tempfile.TemporaryDirectory(prefix="extension-") as room:
        try:
            folder = _folder(Path(path), Path(room))
            level = Manifest.read(folder).level
            if level != 3:
                raise ValueError(
                    f"is of Manifest V{level}, which Chromium no longer runs; get the V3 build"
                )
        except (OSError, ValueError, zipfile.BadZipFile) as error:
            raise BlockerError(f"{option}: {error}") from None
        yield folder


def _folder(path: Path, room: Path) -> Path:
    if path.is_dir():
        folder = path.resolve()
    elif path.is_file():
        with zipfile.ZipFile(path) as file:
            file.extractall(room)
        folder = room
    else:
        raise ValueError("is not there; name a folder with a manifest.json, or a zip of one")
    if not (folder / "manifest.json").exists():
        # Published zips mostly hold one folder with all in it.
        inner = [one.parent for one in sorted(folder.glob("*/manifest.json"))]
        if len(inner) == 1:
            return inner[0]
    return folder
