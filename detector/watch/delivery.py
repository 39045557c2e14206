"""What the ways of delivering alarms have in common: one method, one error, one time limit."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Protocol

from detector.watch.alarm import Alarm

SECONDS = 30.0
"""How long a delivery may take, whatever the other side does."""


class DeliveryError(Exception):
    """Alarms could not be delivered; the message says why, without any credential."""


class Delivery(Protocol):
    """A way of telling the owner."""

    def deliver(self, alarms: Sequence[Alarm]) -> None:
        """Deliver all of the alarms in one message; DeliveryError within `SECONDS`, if at all."""


def within(seconds: float, work: Callable[[], object], what: str) -> None:
    """Run `work`, and raise its exception or, when the time is over, a DeliveryError.

    A look-up of a name and a server that sends a byte a second know no timeout of their own. What
    is not done by then ends with the process.
    """
    raised: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as error:
            raised.append(error)

    thread = threading.Thread(target=run, name="detector-watch-delivery", daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        raise DeliveryError(f"{what} does not answer within {seconds:g} s")
    if raised:
        raise raised[0]
