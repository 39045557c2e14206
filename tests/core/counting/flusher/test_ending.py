"""The flusher in servers that handle the ending signal themselves."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from detector.core.counting.counters import Counters
from detector.core.counting.flusher import Flusher
from detector.core.counting.store import Store
from detector.core.errors import StoreError
from detector.stores.sqlite.store import SqliteStore
from tests.core.counting.flusher.conftest import views

START = """
    import asyncio, os, signal, sys, threading, warnings
    from detector.core.counting.counters import Counters
    from detector.core.counting.flusher import Flusher
    from detector.stores.sqlite.store import SqliteStore

    counters = Counters("site")
    flusher = Flusher(counters, lambda: SqliteStore(sys.argv[1]), interval=3600)
    heard = []

    def count():
        counters.count("view")
        flusher.touch()

    def server(number, frame):
        heard.append((number, frame is not None))
"""


def run(script: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run a script after the start above in a fresh process, where warnings are errors."""
    whole = textwrap.dedent(START) + textwrap.dedent(script)
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", whole, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_signal_that_is_raised_again(path: Path) -> None:
    """A server that ends as uvicorn does dies by the signal, and no count is lost."""
    done = run(
        """
        async def main():
            signal.signal(signal.SIGTERM, server)
            count()
            os.kill(os.getpid(), signal.SIGTERM)
            while not heard:
                await asyncio.sleep(0)
            await asyncio.sleep(0)
            threading.Thread(target=count).start()
            count()
            print(heard == [(signal.SIGTERM, True)], flush=True)
            while len(threading.enumerate()) > 2:
                await asyncio.sleep(0)
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            signal.raise_signal(signal.SIGTERM)

        asyncio.run(main())
        """,
        path,
    )
    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGTERM, "True\n", "")
    assert views(path) == 3


@pytest.mark.parametrize(
    "counting",
    [
        pytest.param("server; count()", id="no loop"),
        pytest.param("signal.SIG_DFL; asyncio.run(later())", id="no handler"),
        pytest.param("signal.SIG_IGN; asyncio.run(later())", id="ignored"),
        pytest.param("server; asyncio.run(aside())", id="another thread"),
        pytest.param("server; flusher.will_close(); asyncio.run(later())", id="close comes"),
    ],
)
def test_handler_stays_where_it_need_not_be_heard(path: Path, counting: str) -> None:
    """No handler is installed where the signal kills the process or a clean exit is certain."""
    done = run(
        f"""
        async def later():
            count()

        async def aside():
            await asyncio.to_thread(count)

        handler = {counting.partition(";")[0]}
        signal.signal(signal.SIGTERM, handler)
        {counting.partition("; ")[2]}
        print(signal.getsignal(signal.SIGTERM) is handler)
        """,
        path,
    )
    assert (done.stdout, done.stderr) == ("True\n", "")
    assert views(path) == 1


def test_handler_that_leaves(path: Path) -> None:
    """A handler that calls sys.exit ends the process with its status."""
    done = run(
        """
        async def main():
            signal.signal(signal.SIGTERM, lambda *_: sys.exit(7))
            count()
            signal.raise_signal(signal.SIGTERM)

        asyncio.run(main())
        """,
        path,
    )
    assert (done.returncode, done.stderr) == (7, "")
    assert views(path) == 1


def test_signal_after_the_loop(path: Path) -> None:
    """A signal after the end of the loop reaches only the previous handler."""
    done = run(
        """
        async def main():
            signal.signal(signal.SIGTERM, server)
            count()

        asyncio.run(main())
        signal.raise_signal(signal.SIGTERM)
        print(len(heard))
        """,
        path,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "1\n", "")


def test_child_leaves_the_loop_of_its_parent_alone(path: Path) -> None:
    """A signal to a forked child reaches only the previous handler."""
    done = run(
        """
        async def main():
            signal.signal(signal.SIGTERM, server)
            count()
            asyncio.get_running_loop().call_soon_threadsafe = lambda *_: os._exit(3)
            warnings.simplefilter("ignore", DeprecationWarning)  # of forks with threads
            child = os.fork()
            if not child:
                signal.raise_signal(signal.SIGTERM)
                os._exit(len(heard))
            print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), len(heard))

        asyncio.run(main())
        """,
        path,
    )
    assert (done.stdout, done.stderr) == ("1 0\n", "")


def test_store_that_fails_is_not_waited_for_again(path: Path) -> None:
    """Writing at every touch stops at the first failure; the counts are kept for the last write."""
    opened: list[int] = []

    def refuse_once() -> Store:
        opened.append(1)
        if len(opened) == 1:
            raise StoreError("busy")
        return SqliteStore(path)

    counters = Counters("site")
    flusher = Flusher(counters, refuse_once, interval=3600)
    flusher.touch()
    counters.count("view")
    flusher.write_through()
    counters.count("view")
    flusher.touch()
    assert opened == [1]
    flusher.write_through()
    counters.count("view")
    flusher.touch()
    assert views(path) == 3
    flusher.close()
    counters.count("view")
    flusher.write_through()
    assert views(path) == 3
