"""Serves the demo newspaper on this machine: `detector demo --host --port --db FILE`."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import tempfile
import threading
import time
from pathlib import Path
from typing import Any, NoReturn

from werkzeug.serving import WSGIRequestHandler, make_server

from detector.core.baits.pool import PoolError
from detector.core.errors import StoreError
from detector.demo.app import create_app
from detector.demo.traffic import dies, fill
from detector.serve.listening import ListenError, listen
from detector.stores.sqlite.store import SqliteStore

DEFAULT_DB = Path(".cache") / "demo.sqlite"
_SHORTEST_SECRET = 32


class DemoError(Exception):
    """The demo cannot start; the text names the option and how to fix it."""


class _Quiet(WSGIRequestHandler):
    """Keeps requests out of the terminal, so that the hints stay on the screen."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        pass


def run(
    host: str = "127.0.0.1",
    port: int = 8000,
    db: str | None = None,
    traffic: bool = False,
    dead: str = "",
) -> None:
    """Serve until Ctrl+C or SIGTERM; raises DemoError."""
    path = Path(db) if db else DEFAULT_DB
    check_folder(path)
    if traffic:
        print(_filled(path, dead), flush=True)
    elif dead:
        _refuse("--dead-bait belongs to --traffic: add that")
    # Werkzeug's own bind would exit with its own message when the port is in use.
    with _listen(host, port) as bound:
        app = create_app(secret=keep_secret(path), db=str(path))
        server = make_server(
            host, port, app, threaded=True, request_handler=_Quiet, fd=bound.fileno()
        )
    # Without a handler SIGTERM skips atexit, and with it the last flush of the counters.
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, _stop)
    try:
        print(_what_to_try(host, server.port, path), flush=True)
        server.serve_forever()
    except KeyboardInterrupt:
        print("Stopped.")
    finally:
        server.server_close()


def _filled(path: Path, dead: str) -> str:
    store = SqliteStore(path)
    try:
        views = fill(store, time.time(), dead=dies(dead, time.time()) if dead else None)
    except PoolError as error:
        _refuse(f"--dead-bait: the pool {error}")
    except StoreError as error:
        _refuse(f"--db: {error}")
    finally:
        store.close()
    if not views:
        return (
            f"--traffic: {path} has counts already, so none were added; name another file by --db"
        )
    return f"--traffic: {views:,} invented views of a month are in {path}"


def check_folder(path: Path) -> None:
    """Create the folder of the store's file, and raise at once if it cannot be written to."""
    if path.is_dir():
        _refuse(f"--db {path} is a folder: name a file in it, for instance {path / 'demo.sqlite'}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Tested by writing: permission bits mean nothing to root or on a read-only disk.
        with tempfile.TemporaryFile(dir=path.parent):
            pass
    except OSError as error:
        _refuse(
            f"--db {path}: its folder cannot be written ({error.strerror}). "
            "Name a file in a folder of yours, for instance --db demo.sqlite"
        )


def keep_secret(path: Path) -> str:
    """Return the secret beside the store's file, created on the first run for the owner alone."""
    beside = path.with_name(path.name + ".secret")
    try:
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _read_secret(beside)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        secret = secrets.token_urlsafe(_SHORTEST_SECRET)
        file.write(secret + "\n")
    return secret


def _read_secret(beside: Path) -> str:
    try:
        secret = beside.read_text("ascii").strip()
        beside.chmod(0o600)
    except (OSError, ValueError) as error:
        _refuse(f"{beside} cannot be read ({error}). Delete it and start again: a new one is made")
    if len(secret) < _SHORTEST_SECRET:
        _refuse(
            f"{beside} holds fewer than {_SHORTEST_SECRET} characters. "
            "Delete it and start again: a new one is made"
        )
    return secret


def _listen(host: str, port: int) -> socket.socket:
    try:
        return listen(host, port)
    except ListenError as error:
        _refuse(str(error))


def _what_to_try(host: str, port: int, db: Path) -> str:
    shown = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    root = f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"
    return f"""\
The demo newspaper is at {root}/  (Ctrl+C stops it)

  1. Open it in a browser with an ad blocker: the notice appears.
  2. Open it in a browser without one: nothing appears, and the page is as it always was.
  3. Allow ads for the site in the blocker, then press "I have allowed ads" on the notice.
  4. Read what was counted:  detector stats --db {db}
     or open the dashboard:  detector dashboard --open --db {db}
  5. Read an article         {root}/harbour/night-ferry
     the same, right to left {root}/harbour/night-ferry?dir=rtl&lang=ar
     a page that streams     {root}/stream
"""


def _stop(*_: Any) -> NoReturn:
    raise SystemExit(0)


def _refuse(message: str) -> NoReturn:
    raise DemoError(message)
