"""A Manifest V3 extension as a folder: checked, and unpacked if it is a zip or crx."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from detector.testing.blockers.model import BlockerError

# Large extensions unpack to less than two hundred megabytes.
LIMIT = 2**30
_LEADS_OUT = re.compile(r"(?:^|[/\\])\.\.(?:[/\\]|$)|^[/\\]|^[A-Za-z]:")


@dataclass(frozen=True)
class Manifest:
    """What an extension says about itself."""

    name: str
    version: str
    level: int

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Parse the manifest of an unpacked extension; raise ValueError if it is invalid."""
        try:
            data: Any = json.loads((folder / "manifest.json").read_text("utf-8-sig"))
            return cls(str(data["name"]), str(data["version"]), int(data["manifest_version"]))
        except FileNotFoundError:
            raise ValueError(_no_manifest(folder)) from None
        except (OSError, TypeError, KeyError, ValueError) as error:
            raise ValueError(
                f"its manifest.json cannot be read ({error!r}); get the extension again"
            ) from None


def _no_manifest(folder: Path) -> str:
    inner = [one.parent.name for one in sorted(folder.glob("*/manifest.json"))]
    if inner:
        return f"contains several extensions, {', '.join(inner[:5])}; name the folder of one"
    return (
        "has no manifest.json; name the folder that contains it, or a zip of that (a source "
        "archive has to be built first)"
    )


@contextmanager
def unpacked(name: str, path: str) -> Iterator[Path]:
    """Yield a folder with a copy of an extension; raise `BlockerError` if it is not one.

    A copy, because Chromium writes its compiled rules into the folder.
    """
    with tempfile.TemporaryDirectory(prefix="extension-", ignore_cleanup_errors=True) as room:
        try:
            folder = _copied(Path(path), Path(room) / "extension")
            level = Manifest.read(folder).level
            if level != 3:
                raise ValueError(
                    f"is of Manifest V{level}, which Chromium no longer runs; get the V3 build "
                    "(uBlock Origin's is called uBlock Origin Lite)"
                )
        except (OSError, ValueError) as error:
            raise BlockerError(f"--blocker-extension {name}={path}: {error}") from None
        yield folder


def _copied(path: Path, goal: Path) -> Path:
    if path.is_dir():
        folder = _with_manifest(path)
        Manifest.read(folder)  # before it is copied: it may be a whole home folder
        shutil.copytree(folder, goal, ignore=shutil.ignore_patterns("_metadata", ".git"))
        return goal
    if path.is_file():
        _unzip(path, goal)
        return _with_manifest(goal)
    raise ValueError("does not exist; name a folder with a manifest.json, or a zip of one")


def _unzip(path: Path, goal: Path) -> None:
    try:
        with zipfile.ZipFile(path) as file:
            for name in file.namelist():
                if _LEADS_OUT.search(name):
                    raise ValueError(
                        f"its entry {name!r} points outside the folder that it is unpacked into, "
                        "which no real extension does; get it again, from its maker"
                    )
            size = sum(one.file_size for one in file.infolist())
            if size > LIMIT:
                raise ValueError(
                    f"unpacks to {size // 2**20:,} MB, which no extension does (at most "
                    f"{LIMIT // 2**20:,} are unpacked); name the zip of one"
                )
            file.extractall(goal)
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as error:
        raise ValueError(
            f"cannot be unpacked ({error}); name a complete zip or crx without a password, "
            "or a folder"
        ) from None


def _with_manifest(folder: Path) -> Path:
    """Return the folder itself, or the only one in it if a zip contains a single folder."""
    if (folder / "manifest.json").exists():
        return folder
    inner = [one.parent for one in sorted(folder.glob("*/manifest.json"))]
    return inner[0] if len(inner) == 1 else folder
