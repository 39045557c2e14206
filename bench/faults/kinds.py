"""The faults: each begins and ends while a site is visited."""

from __future__ import annotations

import contextlib
import os
import signal
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.servers import Postgres, Redis, Server

Fault = Iterator[None]


class Unfit(Exception):
    """Raised if a fault cannot be caused on this machine; the message says why."""


@contextmanager
def none(file: Path) -> Fault:
    """Do nothing, for comparison."""
    yield


@contextmanager
def locked(file: Path) -> Fault:
    """Hold the write lock, as another program may."""
    other = sqlite3.connect(file, isolation_level=None, timeout=10)
    other.execute("BEGIN IMMEDIATE")
    yield
    other.close()


@contextmanager
def full(file: Path) -> Fault:
    """Fill the file's disk, a small one in memory."""
    ballast = file.parent / "ballast"
    with ballast.open("wb", buffering=0) as out:
        for size in (65_536, 4096):
            with contextlib.suppress(OSError):
                while True:
                    out.write(b"x" * size)
    yield
    ballast.unlink()


@contextmanager
def readonly(file: Path) -> Fault:
    """Remove write access for every user, also root: the folder is remounted read-only."""
    folder = str(file.parent)
    _mount("--bind", folder, folder)
    _mount("-o", "remount,bind,ro", folder)
    yield
    subprocess.run(["umount", "--lazy", folder], check=True)


@contextmanager
def corrupt(file: Path) -> Fault:
    """Overwrite all of the file and its log with garbage."""
    for part in (file, Path(f"{file}-wal")):
        with part.open("r+b") as out:
            out.write(os.urandom(part.stat().st_size))
    yield


@contextmanager
def deleted(file: Path) -> Fault:
    """Delete the file."""
    for end in ("", "-wal", "-shm"):
        Path(f"{file}{end}").unlink(missing_ok=True)
    yield


@contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """Mount a disk of 8 MB in memory, visible only to this process and its children."""
    if os.geteuid():
        raise Unfit("only root may mount a small disk")
    _mount("-t", "tmpfs", "-o", "size=8m", "tmpfs", str(folder))
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def _mount(*arguments: str) -> None:
    done = subprocess.run(["mount", *arguments], capture_output=True, text=True)
    if done.returncode:
        raise Unfit(f"nothing can be mounted: {done.stderr.strip()}")


@contextmanager
def stopped(server: Server) -> Fault:
    """Stop the server cleanly, and start it again."""
    server.stop()
    yield
    server.start()


@contextmanager
def crashed(server: Server) -> Fault:
    """Kill the server, and start it again."""
    server.crash()
    yield
    server.start()


@contextmanager
def frozen(server: Server) -> Fault:
    """Suspend the server: it accepts connections without answering."""
    server.signal(signal.SIGSTOP)
    yield
    server.signal(signal.SIGCONT)


FILES: dict[str, Callable[[Path], object]] = {
    "none": none,
    "locked": locked,
    "full": full,
    "read-only": readonly,
    "corrupt": corrupt,
    "deleted": deleted,
}
SERVERS: dict[str, Callable[[Server], object]] = {
    "stopped": stopped,
    "crashed": crashed,
    "frozen": frozen,
}
KINDS: dict[str, type[Server]] = {"postgres": Postgres, "redis": Redis}
LOSSES = ("corrupt", "deleted")
"""What the file held before is gone with it, or kept aside; all that came later must be there."""
