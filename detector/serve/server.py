"""Runs the server of `detector serve`: waitress, with our signals and our shutdown."""

from __future__ import annotations

import logging
import signal
import threading
import time
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from waitress import wasyncore
from waitress.server import create_server

from detector.core.errors import ConfigError
from detector.core.user_agent import classify
from detector.serve.app import App
from detector.serve.channel import IDLE, Sweeper
from detector.serve.listening import listen
from detector.serve.sites import read

log = logging.getLogger("detector")
# Reports have 1 KiB; longer ones are refused before they are read.
_BODY = 16 * 1024
_CONNECTIONS = 1000
_DRAIN = 10.0
_QUIET = 0.25


def run(file: Path, host: str, port: int) -> None:
    """Serve until SIGTERM or SIGINT; raise ConfigError or ListenError before anything runs."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    file = file.absolute()
    app = App(read(file))
    try:
        server = create_server(
            app,
            sockets=[listen(host, port)],
            threads=8,
            connection_limit=_CONNECTIONS,
            channel_timeout=IDLE,
            max_request_body_size=_BODY,
            max_request_header_size=64 * 1024,
            asyncore_use_poll=True,
            # We read X-Forwarded-For ourselves, as far as a site's option proxies allows. Here
            # waitress would remove it, and what it removes cannot be counted.
            clear_untrusted_proxy_headers=False,
            ident=None,
        )
        classify("Mozilla/5.0")  # imports the parsers now, not while the first visitor waits
        _serve(server, app, file)
    finally:
        app.close()
    log.info("stopped; all counts are written")


def _serve(server: Any, app: App, file: Path) -> None:
    stops: list[int] = []
    reloads: SimpleQueue[bool] = SimpleQueue()

    def stop(number: int, _: Any) -> None:
        stops.append(number)
        server.pull_trigger()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, lambda *_: reloads.put(True))
    reloader = threading.Thread(target=_reload, args=(app, file, reloads), daemon=True)
    reloader.start()
    shown = f"[{server.effective_host}]" if ":" in server.effective_host else server.effective_host
    log.info("serving %s at http://%s:%s", ", ".join(app.names), shown, server.effective_port)
    sweeper = Sweeper(server)
    while not stops:
        _turn(server, 1.0)
        sweeper.sweep()
    _drain(server, stops)
    server.task_dispatcher.shutdown()
    reloads.put(False)
    reloader.join()


def _reload(app: App, file: Path, asked: SimpleQueue[bool]) -> None:
    """Read the file again on each request; a bad one changes nothing."""
    while asked.get():
        try:
            app.reload(read(file))
        except ConfigError as error:
            log.error("not reloaded, the previous settings stay: %s", error)
        except Exception:
            log.exception("not reloaded, the previous settings stay")
        else:
            log.info("reloaded: %s", ", ".join(app.names))


def _drain(server: Any, stops: list[int]) -> None:
    """Close the port, answer what has been received, and close each connection after its answer.

    waitress itself would drop waiting requests and answers that are not sent yet. A second signal
    ends the wait.
    """
    known = -1
    while known < len(server.active_channels):
        known = len(server.active_channels)
        _turn(server, 0)  # accepts one of the connections that wait at the port
    wasyncore.dispatcher.close(server)
    end = time.monotonic() + _DRAIN
    while server.active_channels and len(stops) < 2 and time.monotonic() < end:
        _turn(server, 0.05)
        for channel in list(server.active_channels.values()):
            busy = channel.requests or channel.request or channel.total_outbufs_len
            # A connection that was just opened is about to send its request.
            fresh = time.time() - channel.last_activity < _QUIET
            if not busy and not fresh:
                channel.handle_close()


def _turn(server: Any, seconds: float) -> None:
    """Run one read and write of the server, waiting up to `seconds` for something to do."""
    wasyncore.loop(timeout=seconds, use_poll=True, map=server._map, count=1)
