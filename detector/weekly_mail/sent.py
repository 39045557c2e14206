"""The file in which `detector mail` notes which week was sent to whom.

One run at a time holds it (`detector.watch.told.held`); it is replaced as a whole.
"""

from __future__ import annotations

import json
import os
import re
from contextlib import suppress
from pathlib import Path
from typing import Any

from detector.watch.told import StateError

SENT, SENDING = "sent", "sending"
_WEEK = re.compile(rf"[0-9]{{4}}-W[0-9]{{2}} ({SENT}|{SENDING})")


class Sent:
    """Which weeks were sent, by address and site; StateError for a file that cannot be used."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._weeks = _read(path)

    def state(self, to: str, site: str, week: str) -> str:
        """Return "sent", "sending" where a run ended in its midst, or "" where it was not.

        Raises StateError for a later week, which a clock that was ahead has noted.
        """
        known, _, state = self._weeks.get(_key(to, site), "").partition(" ")
        if known > week:
            raise StateError(
                f"{self._path} has {known} as {state} to {to}, and the last week is {week}: a "
                f"clock is, or was, ahead. Set the clock right; --to {to} --again sends {week}"
            )
        return state if known == week else ""

    def note(self, to: str, site: str, week: str, state: str) -> None:
        """Note a state, "" for a week that was not sent, and replace the file."""
        if state:
            self._weeks[_key(to, site)] = f"{week} {state}"
        else:
            self._weeks.pop(_key(to, site), None)
        part = self._path.with_name(f".{self._path.name}.{os.getpid()}")
        try:
            with part.open("w", encoding="utf-8") as file:
                json.dump({"weeks": self._weeks}, file, indent=1, sort_keys=True)
                file.flush()
                os.fsync(file.fileno())
            part.replace(self._path)
        except OSError as error:
            with suppress(OSError):
                part.unlink()
            raise StateError(f"{self._path} cannot be written ({error.strerror})") from None


def _key(to: str, site: str) -> str:
    return f"{to} {site}".strip()


def _read(path: Path) -> dict[str, str]:
    try:
        data: Any = json.loads(path.read_text("utf-8"))
        weeks = {str(key): str(week) for key, week in data["weeks"].items()}
        if not all(map(_WEEK.fullmatch, weeks.values())):
            raise ValueError
        return weeks
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise StateError(f"{path} cannot be read ({error.strerror})") from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise StateError(
            f"{path} is damaged: restore it, or remove it, after which the last week is sent again"
        ) from None
