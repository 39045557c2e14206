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

from detector.testing.blockers.model import Blocker, BlockerError, Options

# Large extensions unpack to less than two hundred megabytes, in a few thousand files.
LIMIT = 2**30
MOST_FILES = 20_000
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
        except (OSError, TypeError, KeyError, ValueError, RecursionError) as error:
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


def given_path(blocker: Blocker, options: Options) -> tuple[str, str]:
    """Return how the user named an extension of the options, and its path."""
    path = options.extensions[blocker.name]
    return f"--blocker-extension {blocker.name}={path}", path


@contextmanager
def unpacked(named: str, path: str) -> Iterator[Path]:
    """Yield a folder with a copy of an extension; raise `BlockerError` if it is not one.

    `named` is how the user named it, for errors.

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
            raise BlockerError(f"{named}: {error}") from None
        yield folder


def _copied(path: Path, goal: Path) -> Path:
    if path.is_dir():
        folder = with_manifest(path)
        Manifest.read(folder)  # before it is copied: it may be a whole home folder
        shutil.copytree(folder, goal, ignore=shutil.ignore_patterns("_metadata", ".git"))
        return goal
    if path.is_file():
        unzip(path, goal)
        return with_manifest(goal)
    raise ValueError("does not exist; name a folder with a manifest.json, or a zip of one")


def unzip(path: Path, goal: Path) -> None:
    """Unpack a zip or crx; raise ValueError if it is damaged, too large or leads out."""
    try:
        with zipfile.ZipFile(path) as file:
            bounds = Bounds()
            for one in file.infolist():
                bounds.add(one.filename, one.file_size)
            file.extractall(goal)
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as error:
        raise ValueError(
            f"cannot be unpacked ({error}); name a complete zip or crx without a password, "
            "or a folder"
        ) from None


class Bounds:
    """What the entries of an extension may be; sizes are in bytes."""

    def __init__(self) -> None:
        self._size = self._files = 0

    def add(self, name: str, size: int) -> None:
        """Raise ValueError if an entry, or all of them together, are not those of an extension."""
        self._size += size
        self._files += 1
        if _LEADS_OUT.search(name):
            raise ValueError(
                f"its entry {name!r} points outside the folder that it is unpacked into, "
                "which no real extension does; get it again, from its maker"
            )
        if self._files > MOST_FILES:
            raise ValueError(f"has more than {MOST_FILES:,} files, which no extension has")
        if self._size > LIMIT:
            raise ValueError(
                f"unpacks to {self._size // 2**20:,} MB or more, which no extension does (at most "
                f"{LIMIT // 2**20:,} are unpacked); name the zip of one"
            )


def with_manifest(folder: Path) -> Path:
    """Return the folder itself, or the only one in it that has a manifest."""
    if (folder / "manifest.json").exists():
        return folder
    inner = [one.parent for one in sorted(folder.glob("*/manifest.json"))]
    return inner[0] if len(inner) == 1 else folder
