"""The file in which `detector watch` notes which alarms were delivered, and which still wait.

One run at a time holds it; it is replaced as a whole, so that no run reads half of it.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from detector.watch.alarm import Alarm

_MOST = 1000


class StateError(Exception):
    """The file cannot be used; the message names it and what to do."""


class Told:
    """Which alarms were delivered and have not cleared since, by name, and which wait."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.told: set[str] = set()
        self.waiting: list[Alarm] = []
        self.damaged = False
        """Whether the file could not be read as what this class wrote: it starts empty."""
        self._read()

    def update(self, found: Sequence[Alarm], sites: Sequence[str] | None) -> list[Alarm]:
        """Note what was found at the sites (None: all); return what is to be delivered now.

        An alarm that is gone has cleared, and is delivered anew when it returns. One that nobody
        could be told of stays, though it may have cleared since.
        """
        names = {one.name for one in found}
        self.told = {
            name
            for name in self.told
            if name in names or (sites is not None and name.partition("@")[2] not in sites)
        }
        waiting = {one.name: one for one in self.waiting}
        waiting |= {one.name: one for one in found if one.name not in self.told}
        self.waiting = list(waiting.values())[:_MOST]
        return self.waiting

    def delivered(self, found: Sequence[Alarm]) -> None:
        """Note that all that waited was delivered, of which `found` still lasts."""
        self.told |= {one.name for one in self.waiting} & {one.name for one in found}
        self.waiting = []

    def write(self) -> None:
        """Replace the file; StateError on failure."""
        data = {"told": sorted(self.told), "waiting": [asdict(one) for one in self.waiting]}
        part = self._path.with_name(f".{self._path.name}.{os.getpid()}")
        try:
            with part.open("w", encoding="utf-8") as file:
                json.dump(data, file, indent=1)
                file.flush()
                os.fsync(file.fileno())
            part.replace(self._path)
        except OSError as error:
            with suppress(OSError):
                part.unlink()
            raise StateError(
                f"{self._path} cannot be written ({error.strerror}): alarms will be told again"
            ) from None

    def _read(self) -> None:
        try:
            data: Any = json.loads(self._path.read_text("utf-8"))
            told = {str(name) for name in data["told"]}
            self.waiting = [Alarm(**{k: str(v) for k, v in one.items()}) for one in data["waiting"]]
            self.told = told
        except FileNotFoundError:
            pass
        except OSError as error:
            raise StateError(f"{self._path} cannot be read ({error.strerror})") from None
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            self.damaged, self.waiting = True, []


@contextmanager
def held(path: Path, seconds: float = 90.0) -> Iterator[None]:
    """Hold the file for one run; StateError when another one holds it for so long."""
    import fcntl

    ends = time.monotonic() + seconds
    try:
        file = os.open(path.with_name(path.name + ".lock"), os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise StateError(
            f"{path} cannot be used ({error.strerror}): name a file in a folder that exists and "
            "can be written"
        ) from None
    try:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= ends:
                    raise StateError(f"another run has held {path} for {seconds:g} s") from None
                time.sleep(0.05)
        yield
    finally:
        os.close(file)
