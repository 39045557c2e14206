"""Moves a damaged SQLite file aside, so that counting continues in a new one."""

from __future__ import annotations

import contextlib
import logging
import os
import time
from collections.abc import Iterator
from pathlib import Path

from detector.core.errors import StoreError

Identity = tuple[int, int]
"""The device and inode of a file, which distinguish it from another of the same name."""

_log = logging.getLogger("detector")


class Damaged(StoreError):
    """Our file with this `identity` can no longer be read."""

    def __init__(self, text: str, identity: Identity) -> None:
        super().__init__(text)
        self.identity = identity


def identity_of(path: Path) -> Identity | None:
    """Return the identity of the file that has this name now, or None."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def move_aside(path: Path, damaged: Identity) -> bool:
    """Rename the damaged file and its log; return whether the name is now free or a new file's.

    Several processes may detect the damage at once: only one renames, and none the new file.
    """
    try:
        with in_use(path, alone=True):
            if identity_of(path) != damaged:
                return True
            aside = _free_name(path)
            for end in ("-wal", "-shm", ""):
                with contextlib.suppress(FileNotFoundError):
                    os.rename(f"{path}{end}", f"{aside}{end}")
    except OSError as error:
        _log.warning("%s is damaged and cannot be moved aside: %s", path, error.strerror)
        return False
    _log.warning(
        "%s was damaged: it is kept as %s, and counting continues in a new file. To recover its "
        "data: sqlite3 %s .recover",
        path,
        aside.name,
        aside.name,
    )
    return True


@contextlib.contextmanager
def in_use(path: Path, *, alone: bool = False) -> Iterator[None]:
    """Lock the file's name for the duration, where the system supports such locks.

    SQLite finds a file's log by name: if the name passed to another file during a transaction, it
    would use the wrong log (https://www.sqlite.org/howtocorrupt.html, section 2.4).
    """
    try:
        import fcntl

        folder = os.open(path.parent, os.O_RDONLY)
    except (ImportError, OSError):
        yield
        return
    try:
        with contextlib.suppress(OSError):  # some network file systems have no locks
            fcntl.flock(folder, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        yield
    finally:
        # Even if a network file system complains, what was committed must not count as lost.
        with contextlib.suppress(OSError):
            os.close(folder)


def _free_name(path: Path) -> Path:
    stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime())
    aside = path.with_name(f"{path.name}.damaged-{stamp}")
    number = 1
    while aside.exists():
        number += 1
        aside = path.with_name(f"{path.name}.damaged-{stamp}-{number}")
    return aside
