"""Writes the counters of this process to a store every few seconds, outside every request.

The flush at exit relies on `atexit`, which gunicorn and hypercorn run when they are stopped.
uvicorn does not: see `sigterm.py`. A process killed by the signal itself (waitress, a bare script,
Werkzeug's development server) loses at most one interval, unless it calls
`signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))`. Children of `multiprocessing`'s fork
method end without `atexit`: call `close()` in them.

A stop waits at most `STOP_SECONDS` for a store that does not answer; the log then reports how many
counts were not written.
"""

from __future__ import annotations

import atexit
import logging
import random
import secrets
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from detector.core.counting.counters import Counters, events
from detector.core.counting.dimensions import Key
from detector.core.fork import ForkAware, watch

if TYPE_CHECKING:
    from detector.core.counting.load import Load, ReportSource, SharedLimit
    from detector.core.counting.store import Batch, Store

_QUIET_SECONDS = 60.0
STOP_SECONDS = 4.5
"""How long an ending process waits for all its stores together."""
THROUGH_SECONDS = 2.0
"""How much of that may block an event loop, which has requests to finish."""


class _Rows(NamedTuple):
    counters: Counters
    rows: dict[Key, int]

    def size(self) -> int:
        return events(self.rows)

    def add(self, store: Store, batch: Batch) -> None:
        store.add(self.rows, batch)

    def restore(self) -> None:
        self.counters.restore(self.rows)


class Flusher(ForkAware):
    """Writes `counters` to the store that `store_factory` opens, and never raises.

    Nothing runs until the first `touch()` in a process; a forked child starts afresh. Each wait is
    `interval` seconds, plus or minus a fifth, so that workers do not all write at once.
    """

    def __init__(
        self,
        counters: Counters,
        store_factory: Callable[[], Store],
        interval: float = 5.0,
        log: logging.Logger | None = None,
        claims: ReportSource | None = None,
        rate: SharedLimit | None = None,
        daily: Callable[[Store, int], object] | None = None,
    ) -> None:
        if not interval > 0:
            raise ValueError(f"option flush_seconds: {interval!r} must be above 0")
        self._counters = counters
        self._claims = claims
        self._rate = rate
        self._daily = daily
        self._store_factory = store_factory
        self._interval = interval
        self._log = log or logging.getLogger("detector")
        self._quiet_until = 0.0
        self._closed = False
        self._close_comes = False
        self._begin_anew()
        watch(self)

    def after_fork_in_child(self) -> None:
        """Discard the parent's thread, locks and store."""
        self._begin_anew()

    def _begin_anew(self) -> None:
        # Identifies batches, since a store may have applied a write whose answer was lost.
        self._name = secrets.token_hex(8)
        self._number = 0
        self._doubtful: Load | None = None
        self._day = -1
        self._started = False
        self._through = False
        self._store: Store | None = None
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()
        self._patience = STOP_SECONDS
        self._starting = threading.RLock()
        self._writing = threading.RLock()

    def touch(self) -> None:
        """Start this process's thread if needed; cheap enough to call for every event."""
        if not self._started:
            self._start()
        elif self._through:
            self.write_through()

    def will_close(self) -> None:
        """Note that `close` will be called at the end, so that no signal handler is needed."""
        self._close_comes = True

    def write_through(self) -> None:
        """Write now and at every later touch, since the process may end without notice.

        A failing store ends this mode: the remaining requests must not wait for it repeatedly.
        """
        written: list[bool] = []
        if self._closed:
            return
        most = THROUGH_SECONDS - (STOP_SECONDS - self._patience)
        if not self._in_thread(lambda: written.append(self.flush()), time.monotonic() + most):
            self._tell_unwritten()
        self._through = written == [True]

    def flush(self) -> bool:
        """Write now; on failure keep the counts, log at most once a minute, and return False."""
        with self._writing:
            try:
                if self._doubtful:
                    self._write(self._doubtful)
                for load in self._loads():
                    self._number += 1
                    self._write(load)
                if self._rate is not None and self._store is not None:
                    self._rate.tell(self._store)
                return True
            except Exception as error:
                self._complain(error)
                return False

    def _loads(self) -> Iterator[Load]:
        """Remove and yield what is to be written, batch by batch."""
        if rows := self._counters.drain():
            yield _Rows(self._counters, rows)
        while self._claims is not None:
            taken = self._claims.take()
            if taken.reports:
                yield taken
            # What is reported during this write waits for the next one.
            if not taken.is_full():
                return

    def _write(self, load: Load) -> None:
        """Add one batch; restore it if it was certainly not added, to go with the next one."""
        again, self._doubtful = bool(self._doubtful), load
        try:
            if self._store is None:
                self._store = self._store_factory()
            load.add(self._store, (self._name, self._number))
        except BaseException as error:
            if not again and not getattr(error, "doubtful", False):
                load.restore()
                self._doubtful = None
            raise
        self._doubtful = None

    def _compact(self) -> None:
        """Compact the store from the first write of each day on, some seconds after each write.

        Only one of many callers does it. Each process then calls `daily` with the store and the
        present hour.
        """
        now = self._counters.hour()
        if self._store is None or self._day == now // 24:
            return
        with self._writing:
            try:
                if not self._store.compact_some(now):
                    return
                if self._daily:
                    self._daily(self._store, now)
            except Exception as error:
                self._complain(error)
            else:
                self._day = now // 24

    def close(self) -> None:
        """Stop the thread, write what is left and close the store, all within `STOP_SECONDS`.

        Later touches do nothing. The log says what could not be written.
        """
        self._ask_to_stop()
        self._close_by(time.monotonic() + STOP_SECONDS)

    def _ask_to_stop(self) -> None:
        with self._starting:
            self._closed = self._started = True
        self._stop.set()

    def _close_by(self, deadline: float) -> None:
        _open.discard(self)
        thread, self._thread = self._thread, None
        if thread is None or thread is threading.current_thread():
            ended = self._in_thread(self._end, deadline)
        else:
            ended = self._join(thread, deadline)
        if not ended or self._unwritten():
            self._tell_unwritten()

    def _in_thread(self, work: Callable[[], object], deadline: float) -> bool:
        """Run `work` in a separate thread; return whether it ended before the deadline."""
        thread = threading.Thread(target=work, name="detector-flusher-end", daemon=True)
        try:
            thread.start()
        except RuntimeError:  # no threads left, or the interpreter is going down
            work()
            return True
        return self._join(thread, deadline)

    def _join(self, thread: threading.Thread, deadline: float) -> bool:
        began = time.monotonic()
        thread.join(max(0.0, min(deadline - began, self._patience)))
        if thread.is_alive():
            self._patience -= time.monotonic() - began
        return not thread.is_alive()

    def _end(self) -> None:
        """Write what is left and close the store."""
        self.flush()
        with self._writing:
            store, self._store = self._store, None
            if store is not None:
                try:
                    store.close()
                except Exception as error:
                    self._complain(error)

    def _unwritten(self) -> int:
        """Return how many events are in memory, or in a write that has not been confirmed."""
        load = self._doubtful
        waiting = self._claims.size if self._claims is not None else 0
        return (load.size() if load else 0) + waiting + events(self._counters.snapshot())

    def _tell_unwritten(self) -> None:
        self._log.warning(
            "%s counts were not written: the store does not answer in time, or refuses them",
            f"{self._unwritten():,}",
        )

    def _start(self) -> None:
        with self._starting:
            if self._started:
                return
            self._started = True
            if self._closed:
                return
            _open.add(self)
            if not self._close_comes and "asyncio" in sys.modules:  # no event loop without it
                from detector.core.counting.sigterm import hear

                hear(self.write_through)
            thread = threading.Thread(target=self._run, name="detector-flusher", daemon=True)
            try:
                thread.start()
            except RuntimeError as error:  # no threads left, or the interpreter is going down
                self._complain(error)
            else:
                self._thread = thread

    def _run(self) -> None:
        stop = self._stop
        # Not the module's own generator, which the site may have seeded and rely on.
        jitter = random.Random()
        while not stop.wait(self._interval * jitter.uniform(0.8, 1.2)):
            if self.flush():
                self._compact()
        self._end()

    def _complain(self, error: Exception) -> None:
        now = time.monotonic()
        if now < self._quiet_until:
            return
        self._quiet_until = now + _QUIET_SECONDS
        self._log.warning(
            "counts stay in memory, next try in %g s: %s", self._interval, ascii(str(error))[1:-1]
        )


_open: set[Flusher] = set()


@atexit.register
def _close_all() -> None:
    """Close every running flusher at the end of the process, also in a forked child."""
    deadline = time.monotonic() + STOP_SECONDS
    flushers = list(_open)
    for flusher in flushers:
        flusher._ask_to_stop()
    for flusher in flushers:
        flusher._close_by(deadline)
