"""Delivers alarms to a program of the owner's, as JSON on its standard input; no shell is used."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
from collections.abc import Sequence
from contextlib import suppress

from detector.watch.alarm import Alarm, message
from detector.watch.delivery import SECONDS, DeliveryError


class Command:
    """A program with its arguments; ValueError for a text that is none."""

    def __init__(self, text: str, seconds: float | None = None) -> None:
        self._words = shlex.split(text)
        if not self._words:
            raise ValueError("this names no program: write its path and arguments")
        self._seconds = seconds or SECONDS

    def deliver(self, alarms: Sequence[Alarm]) -> None:
        """Run the program; only exit status 0 is success."""
        name = self._words[0]
        body = json.dumps(message(alarms)).encode() + b"\n"
        try:
            # A session of its own, so that its children end with it.
            running = subprocess.Popen(
                self._words, stdin=subprocess.PIPE, stdout=2, start_new_session=True
            )
        except OSError as error:
            raise DeliveryError(f"{name} cannot be run: {error.strerror}") from None
        try:
            running.communicate(body, timeout=self._seconds)
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError):
                os.killpg(running.pid, signal.SIGKILL)
            running.wait()
            raise DeliveryError(f"{name} has not ended within {self._seconds:g} s") from None
        if running.returncode:
            raise DeliveryError(f"{name} ended with status {running.returncode}")
