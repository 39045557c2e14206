"""Gets an extension from where the user has it: a folder, a zip, crx or xpi, or a package of npm.

What comes out is a folder of ours with plain files alone, whatever the source tries.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
import subprocess
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from detector.testing.blockers.unpacked import Bounds, Manifest, unzip, with_manifest

# Nothing that npm would take for an option, a path or an address.
_PACKAGE = re.compile(r"(?:@[a-z0-9][a-z0-9._~-]*/)?[a-z0-9][a-z0-9._~-]*(?:@[\w.^~+-]{1,100})?")
# Firefox takes it as the name of a file.
_ID = re.compile(r"[\w.+-]{0,80}@[\w.+-]{1,80}|\{[0-9a-fA-F-]{36}\}", re.ASCII)
_SECONDS = 300
_LEFT_OUT = {"_metadata", ".git", "node_modules"}


@dataclass(frozen=True)
class Extension:
    """An extension in a folder: its name and version, its engine, and its id in Firefox or ""."""

    folder: Path
    title: str
    version: str
    engine: str
    id: str = ""


@contextmanager
def obtained(source: str) -> Iterator[Extension]:
    """Yield the extension of a source, unpacked; raise ValueError or OSError if there is none."""
    with tempfile.TemporaryDirectory(prefix="extension-", ignore_cleanup_errors=True) as room:
        goal = Path(room) / "extension"
        if source.startswith("npm:"):
            _unpack(_packed(source.removeprefix("npm:"), Path(room)), goal)
            folder = _only(goal)
        elif Path(source).is_dir():
            found = with_manifest(Path(source))
            Manifest.read(found)  # before it is copied: it may be a whole home folder
            _copy(found, goal)
            folder = goal
        elif Path(source).is_file():
            unzip(Path(source), goal)
            folder = with_manifest(goal)
        else:
            raise ValueError("does not exist; name a folder, a zip, an xpi or npm:PACKAGE")
        yield _extension(folder, is_xpi=source.lower().endswith(".xpi"))


def _extension(folder: Path, *, is_xpi: bool) -> Extension:
    manifest = Manifest.read(folder)
    data: Any = json.loads((folder / "manifest.json").read_text("utf-8-sig"))
    own = data.get("browser_specific_settings") or data.get("applications")
    gecko = own.get("gecko") if isinstance(own, dict) else None
    identity = str(gecko.get("id", "")) if isinstance(gecko, dict) else ""
    worker = isinstance(data.get("background"), dict) and "service_worker" in data["background"]
    title = folder.name if manifest.name.startswith("__MSG_") else manifest.name
    if manifest.level == 3 and not is_xpi and (worker or not identity):
        return Extension(folder, title, manifest.version, "chromium")
    if manifest.level not in (2, 3):
        raise ValueError(f"is of Manifest V{manifest.level}, which no browser runs")
    if not identity:
        raise ValueError(
            f"is of Manifest V{manifest.level} without an id for Firefox, and Chromium runs V3 "
            "only; get its V3 build for Chromium, or its .xpi for Firefox"
        )
    if not _ID.fullmatch(identity):
        raise ValueError(f"its id for Firefox, {identity!r}, is none; get it from its maker")
    return Extension(folder, title, manifest.version, "firefox", identity)


def _copy(folder: Path, goal: Path) -> None:
    """Copy plain files; a link is followed if what it names is in the folder."""
    root = folder.resolve()
    found: list[tuple[Path, Path]] = []
    bounds = Bounds()
    for at, folders, names in os.walk(root):
        folders[:] = [one for one in folders if one not in _LEFT_OUT]
        for name in [*names, *(one for one in folders if (Path(at) / one).is_symlink())]:
            path = Path(at) / name
            shown = path.relative_to(root)
            if not path.resolve().is_relative_to(root):
                raise ValueError(f"its link {str(shown)!r} leads out of it; put a copy there")
            info = path.stat()
            if stat.S_ISDIR(info.st_mode):
                raise ValueError(f"its folder {str(shown)!r} is a link; put a copy there")
            if not stat.S_ISREG(info.st_mode):
                raise ValueError(f"its {str(shown)!r} is no plain file; take it out")
            bounds.add(str(shown), info.st_size)
            found.append((path, shown))
    for path, shown in found:
        (goal / shown).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, goal / shown)


def _packed(package: str, room: Path) -> Path:
    """Fetch a package by the user's npm; return its archive."""
    if not _PACKAGE.fullmatch(package):
        raise ValueError("is no name of a package: write npm:NAME, npm:@SCOPE/NAME or npm:NAME@1.2")
    npm = shutil.which("npm")
    if npm is None:
        raise ValueError(
            "needs npm, which is not on this machine; install Node.js (Debian `apt-get install "
            "npm`), or name a folder or a zip"
        )
    # No script of the package is run, and nothing that it depends on is fetched.
    command = [npm, "pack", "--ignore-scripts", "--loglevel=error"]
    try:
        done = subprocess.run(
            [*command, "--pack-destination", str(room), "--", package],
            cwd=room,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise ValueError(f"npm did not answer within {_SECONDS} s; try again later") from None
    made = sorted(room.glob("*.tgz"))
    if done.returncode or len(made) != 1:
        said = (done.stderr or done.stdout).strip().splitlines()
        why = "; ".join(said[:3]) or f"`npm pack {package}` says more"
        raise ValueError(f"npm cannot fetch it: {why}")
    return made[0]


def _unpack(archive: Path, goal: Path) -> None:
    """Unpack the plain files of a tar archive; links and devices are refused."""
    bounds = Bounds()
    try:
        with tarfile.open(archive, "r:gz") as file:
            for one in file:
                bounds.add(one.name, one.size)
                if one.isdir():
                    continue
                if not one.isreg():
                    raise ValueError(f"its entry {one.name!r} is no plain file; get it elsewhere")
                (goal / one.name).parent.mkdir(parents=True, exist_ok=True)
                content = file.extractfile(one)
                assert content is not None
                with content, (goal / one.name).open("wb") as out:
                    shutil.copyfileobj(content, out)
    except (tarfile.TarError, zlib.error, EOFError) as error:
        raise ValueError(f"its archive cannot be unpacked ({error}); try again") from None


def _only(goal: Path) -> Path:
    """Return the only folder of a package with an extension's manifest."""
    found = []
    for path in sorted(goal.rglob("manifest.json")):
        try:
            Manifest.read(path.parent)
        except ValueError:
            continue  # that of a web app, or of a tool
        found.append(path.parent)
    if len(found) == 1:
        return found[0]
    if not found:
        raise ValueError(
            "is a package without an extension: it has no manifest.json of one. The engines that "
            "makers publish there are libraries; get the extension's zip from its maker"
        )
    names = ", ".join(str(one.relative_to(goal)) for one in found[:5])
    raise ValueError(f"has several extensions, {names}; unpack it and name one folder")
