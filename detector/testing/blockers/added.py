"""The blockers that the user has added: archives in the cache folder, with hash and date.

`NAME.json` says what the blocker is, and names its archive by the hash of its content.
"""

from __future__ import annotations

import hashlib
import json
import re
import zipfile
from contextlib import suppress
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path

from detector.testing.blockers.lists import cache_folder, put
from detector.testing.blockers.model import (
    ENGINES,
    BlockerError,
    Options,
    UnknownBlocker,
    checked_name,
)
from detector.testing.blockers.sources import Extension, obtained

_HASH = re.compile(r"[0-9a-f]{64}")
# The same content makes the same archive.
_TIME = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Added:
    """A blocker of the user's: `added` is a date (ISO 8601), `id` the one in Firefox or "".

    `wrong` says why it cannot be used, "" if its record can be read.
    """

    name: str
    title: str = ""
    version: str = ""
    engine: str = "chromium"
    id: str = ""
    source: str = ""
    sha256: str = ""
    added: str = ""
    wrong: str = ""

    @property
    def mark(self) -> str:
        """What reports say of where it is from."""
        return f"added {self.added}, sha256 {self.sha256[:8]}"


def _folder(options: Options) -> Path:
    return cache_folder(options) / "blockers"


def add(name: str, source: str, options: Options) -> Added:
    """Keep a copy of an extension under a name, in place of an earlier one; raise BlockerError."""
    checked_name(name)
    try:
        with obtained(source) as found:
            data = _zipped(found.folder)
            made = _record(name, source, found, data)
    except (OSError, ValueError) as error:
        raise BlockerError(f"{source}: {error}") from None
    folder = _folder(options)
    try:
        put(folder / f"{made.sha256}.zip", data)
        put(folder / f"{name}.json", json.dumps(asdict(made), indent=2).encode())
        _sweep(folder)
    except OSError as error:
        raise BlockerError(
            f"{folder}: {name} cannot be kept there ({error.strerror}); make room or the folder "
            "writable, or name another with XDG_CACHE_HOME"
        ) from None
    return made


def _record(name: str, source: str, found: Extension, data: bytes) -> Added:
    return Added(
        name,
        found.title,
        found.version,
        found.engine,
        found.id,
        source if source.startswith("npm:") else str(Path(source).absolute()),
        hashlib.sha256(data).hexdigest(),
        datetime.now(UTC).date().isoformat(),
    )


def _zipped(folder: Path) -> bytes:
    """Return the folder as an archive that its content alone determines."""
    path = folder.parent / "kept.zip"
    with zipfile.ZipFile(path, "w") as file:
        for one in sorted(folder.rglob("*")):
            if one.is_file():
                info = zipfile.ZipInfo(one.relative_to(folder).as_posix(), _TIME)
                info.compress_type = zipfile.ZIP_DEFLATED
                with one.open("rb") as content, file.open(info, "w") as out:
                    while chunk := content.read(2**20):
                        out.write(chunk)
    return path.read_bytes()


def remove(name: str, options: Options) -> None:
    """Remove a blocker that was added; raise UnknownBlocker if there is none."""
    known = entries(options)
    if name not in known:
        has = f"added are: {', '.join(known)}" if known else "none was added"
        raise UnknownBlocker(f"{name!r} was not added; {has}")
    folder = _folder(options)
    try:
        (folder / f"{name}.json").unlink()
        _sweep(folder)
    except OSError as error:
        raise BlockerError(f"{folder}: {name} cannot be removed ({error.strerror})") from None


def _sweep(folder: Path) -> None:
    """Remove the archives that no record names."""
    named = {one.sha256 for one in _read(folder).values()}
    for path in folder.glob("*.zip"):
        if path.stem not in named:
            path.unlink(missing_ok=True)


def entries(options: Options) -> dict[str, Added]:
    """Return the added blockers by name; one whose record is damaged says so in `wrong`."""
    return _read(_folder(options))


def _read(folder: Path) -> dict[str, Added]:
    found: dict[str, Added] = {}
    with suppress(OSError):
        for path in sorted(folder.glob("*.json")):
            with suppress(UnknownBlocker):  # not ours
                checked_name(path.stem)
                found[path.stem] = _entry(path)
    return found


def _entry(path: Path) -> Added:
    keys = {one.name for one in fields(Added)}
    try:
        data = json.loads(path.read_text("utf-8"))
        made = Added(**{key: str(value) for key, value in data.items() if key in keys})
        if made.name != path.stem or made.engine not in ENGINES or not _HASH.fullmatch(made.sha256):
            raise ValueError("it is not as it was written")
    except (OSError, ValueError, TypeError, AttributeError, RecursionError) as error:
        return Added(path.stem, wrong=f"its record {path.name} cannot be read ({error})")
    return made


def archive(name: str, options: Options) -> Path:
    """Return the archive of an added blocker; raise BlockerError if it is not what was added."""
    entry = entries(options)[name]
    path = _folder(options) / f"{entry.sha256}.zip"
    wrong = entry.wrong or _changed(path, entry)
    if wrong:
        again = f"`detector blockers add {name} {entry.source or 'SOURCE'}`"
        raise BlockerError(f"blocker {name}: {wrong}; add it again: {again}")
    return path


def _changed(path: Path, entry: Added) -> str:
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while chunk := file.read(2**20):
                digest.update(chunk)
    except OSError as error:
        return f"its copy of {entry.added} cannot be read ({error.strerror})"
    if digest.hexdigest() == entry.sha256:
        return ""
    return (
        f"its copy was changed since it was added on {entry.added}: its sha256 was "
        f"{entry.sha256[:12]}… and is {digest.hexdigest()[:12]}…"
    )
