"""Real PostgreSQL and Redis servers on free loopback ports, for tests and benches."""

from __future__ import annotations

import atexit
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from detector.testing.machine import free_port

HOST = "127.0.0.1"
_DEBIAN = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)


class Missing(Exception):
    """Raised if a server is not installed; the message says what to install."""


def until(condition: Callable[[], bool], what: str, seconds: float = 30.0) -> None:
    """Wait until the condition holds, or fail."""
    deadline = time.monotonic() + seconds
    pause = threading.Event()
    while not condition():
        assert time.monotonic() < deadline, f"{what} did not happen in {seconds:g} s"
        pause.wait(0.02)


def program(name: str, package: str, folders: Sequence[Path] = ()) -> str:
    """Find a program; raises Missing."""
    places = os.pathsep.join([*map(str, folders), os.environ.get("PATH", os.defpath)])
    found = shutil.which(name, path=places)
    if found is None:
        raise Missing(f"{name} is not installed: scripts/setup does it (Debian: {package})")
    return found


class Server:
    """One server with its own folder; `stop` followed by `start` keeps its data and port."""

    url = ""
    _ending = (signal.SIGTERM, signal.SIGKILL)

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="detector-"))
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers."""
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                self._command(), stdout=log, stderr=log, stdin=subprocess.DEVNULL, **self._user()
            )
        until(lambda: self._died() or self._answers(), f"the start of {self.url}")

    def _died(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            raise RuntimeError((self.folder / "log").read_text("utf-8", "replace")[-2000:])
        return False

    def stop(self) -> None:
        """Shut it down cleanly."""
        self._end(self._ending[0])

    def crash(self) -> None:
        """Kill it at once; unwritten data is lost."""
        self._end(self._ending[1])

    def _end(self, how: int) -> None:
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(30)
            self._process = None

    def signal(self, number: int) -> None:
        """Send it a signal."""
        assert self._process is not None
        self._process.send_signal(number)

    def freeze(self) -> None:
        """Suspend all of its processes: connections stay open, but nothing is answered."""
        self._signal_all(signal.SIGSTOP)

    def thaw(self) -> None:
        """Resume a frozen server."""
        self._signal_all(signal.SIGCONT)

    def _signal_all(self, number: int) -> None:
        assert self._process is not None
        self.signal(number)
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with suppress(OSError):  # it has ended
                _, parent = stat.read_text().rpartition(") ")[2].split()[:2]
                if int(parent) == self._process.pid:
                    os.kill(int(stat.parent.name), number)

    def remove(self) -> None:
        """Stop it and delete its data."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _user(self) -> dict[str, Any]:
        return {}

    def _command(self) -> list[str]:
        raise NotImplementedError

    def _answers(self) -> bool:
        raise NotImplementedError


@cache
def _owner() -> dict[str, Any]:
    """Return the user that PostgreSQL is to run as, as arguments for a process."""
    if os.geteuid():
        return {}
    try:
        found = pwd.getpwnam("postgres")
    except KeyError:
        raise Missing("there is no user postgres, which root needs to run it") from None
    return {"user": found.pw_uid, "group": found.pw_gid, "extra_groups": []}


def _give(folder: Path) -> None:
    if user := _owner():
        os.chown(folder, user["user"], user["group"])


@cache
def _made_once() -> Path:
    """Return the folder of a new PostgreSQL, to be copied: to make one takes seconds."""
    initdb = program("initdb", "postgresql", _DEBIAN)
    folder = Path(tempfile.mkdtemp(prefix="detector-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    _give(folder)
    made = subprocess.run(
        [
            *(initdb, "-D", str(folder / "data"), "-U", "postgres", "-A", "trust"),
            *("-E", "UTF8", "--locale=C", "--no-sync"),
        ],
        capture_output=True,
        text=True,
        cwd=folder,
        **_owner(),
    )
    if made.returncode:
        raise RuntimeError(f"initdb failed: {made.stderr}")
    return folder / "data"


class Postgres(Server):
    """A PostgreSQL server with one database; started by root, it runs as the user `postgres`.

    Only one that is `durable` waits for the disk, which matters when a machine fails: what a
    server that is killed has written is kept by the system.
    """

    # SIGTERM waits for open connections to end; SIGKILL leaves the child processes running.
    _ending = (signal.SIGINT, signal.SIGQUIT)

    def __init__(self, shared_buffers: str = "16MB", durable: bool = False) -> None:
        self._shared_buffers, self._durable = shared_buffers, durable
        self._postgres = program("postgres", "postgresql", _DEBIAN)
        made = _made_once()
        super().__init__()
        self.url = f"postgresql://postgres@{HOST}:{self.port}/postgres"
        _give(self.folder)
        # With its owner: PostgreSQL uses no folder of another one.
        subprocess.run(["cp", "-a", made, self.folder / "data"], check=True)

    def _user(self) -> dict[str, Any]:
        return _owner()

    def _command(self) -> list[str]:
        given = {
            "listen_addresses": HOST,
            "port": self.port,
            "unix_socket_directories": "",
            "max_connections": 80,
            "shared_buffers": self._shared_buffers,
            "logging_collector": "off",
            "fsync": "on" if self._durable else "off",
        }
        settings = [part for key, value in given.items() for part in ("-c", f"{key}={value}")]
        return [self._postgres, "-D", str(self.folder / "data"), *settings]

    def _answers(self) -> bool:
        import psycopg

        try:
            psycopg.connect(self.url, connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True


class Redis(Server):
    """A Redis server that saves every write to its file; `cluster` makes it a cluster of one.

    It answers after it has written to the file; one that is `durable` waits for the disk too.
    """

    def __init__(self, *, cluster: bool = False, durable: bool = False) -> None:
        self._redis = program("redis-server", "redis-server")
        super().__init__()
        self._durable = durable
        self._cluster = cluster
        self._joined = False
        scheme = "redis+cluster" if cluster else "redis"
        self.url = f"{scheme}://{HOST}:{self.port}" + ("" if cluster else "/0")

    def _command(self) -> list[str]:
        given = {
            "bind": HOST,
            "port": self.port,
            "dir": self.folder,
            "save": "",
            "appendonly": "yes",
            "appendfsync": "always" if self._durable else "no",
        }
        if self._cluster:
            given |= {"cluster-enabled": "yes", "cluster-port": free_port()}
        return [self._redis, *(str(p) for key, value in given.items() for p in (f"--{key}", value))]

    def _answers(self) -> bool:
        import redis

        try:
            with redis.Redis(HOST, self.port, socket_timeout=2) as client:
                client.ping()
                if not self._cluster:
                    return True
                if not self._joined:
                    client.execute_command("CLUSTER", "ADDSLOTSRANGE", 0, 16383)
                    self._joined = True
                return b"cluster_state:ok" in client.execute_command("CLUSTER", "INFO")
        except (redis.ConnectionError, redis.TimeoutError):
            return False
