"""Running sites: an app on a port of its own, alone or behind a real nginx."""

from __future__ import annotations

import os
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from detector.core.config.loading import make_config
from detector.core.html.headers import Headers
from detector.core.site import Site
from detector.testing.machine import free_port, need
from detector.wsgi import DetectorMiddleware
from tests.conftest import SECRET
from tests.support.root import ROOT

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PAGE = (
    "<!doctype html><html><head><title>News</title></head>"
    '<body><script src="/own.js"></script>text</body></html>'
)
DAY = 86400
Spoil = Callable[["WSGIEnvironment", str, Headers, bytes], tuple[str, Headers, bytes]]


def news(page: str = PAGE, **headers: str) -> Flask:
    """Build a small site; `headers` are added to its pages, _ in a name stands for -."""
    app = Flask("news")

    @app.get("/")
    @app.get("/article/<slug>")
    def home(slug: str = "") -> tuple[str, dict[str, str]]:
        return page, {name.replace("_", "-"): value for name, value in headers.items()}

    @app.get("/login")
    def login() -> str:
        return PAGE

    @app.get("/own.js")
    def own() -> tuple[str, dict[str, str]]:
        return "own = 1", {"Content-Type": "text/javascript"}

    return app


def detected(app: Flask, day: int | None = None, **options: Any) -> DetectorMiddleware:
    """Put the detector around an app; `day` (since 1970) stops its clock."""
    clock = time.time if day is None else (lambda: day * DAY + 1000.0)
    site = Site(make_config(**{"secret": SECRET, **options}), clock)
    return DetectorMiddleware(app.wsgi_app, site=site)


def spoiled(app: WSGIApplication, spoil: Spoil) -> WSGIApplication:
    """Wrap an app so that `spoil` changes its responses, as a proxy in front of it might."""

    def outer(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        got: list[Any] = []
        parts = app(environ, lambda status, headers, exc_info=None: got.extend((status, headers)))  # type: ignore[arg-type]
        body = b"".join(parts)
        if close := getattr(parts, "close", None):
            close()
        status, headers, body = spoil(environ, got[0], list(got[1]), body)
        headers = [(k, v) for k, v in headers if k.lower() != "content-length"]
        if status[:3] not in ("204", "304"):
            headers.append(("Content-Length", str(len(body))))
        start_response(status, headers)
        return [body]

    return outer


class _Quiet(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        pass


@contextmanager
def served(app: WSGIApplication) -> Iterator[str]:
    """Serve an app while the block runs; yields its address without a trailing slash."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


_NGINX = """
{modules}
daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log;
events {{}}
http {{
  access_log off;
  types {{ text/html html; }}
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  proxy_cache_path {folder}/cache keys_zone=kept:1m;
  proxy_http_version 1.1;
  proxy_set_header Host $http_host;
  {servers}
}}
"""


@contextmanager
def nginx(
    folder: Path, servers: str, ports: int = 1, modules: Sequence[Path] = ()
) -> Iterator[list[int]]:
    """Run nginx with these `server` blocks and modules; yields its ports.

    PORT0 and PORT1 are replaced by the ports to listen on, TLS by the number of the last port.
    """
    program = need("nginx")
    chosen = [free_port() for _ in range(ports)]
    servers = servers.replace("TLS", str(chosen[-1]))
    for number, port in enumerate(chosen):
        servers = servers.replace(f"PORT{number}", f"127.0.0.1:{port}")
    loaded = " ".join(f"load_module {module};" for module in modules)
    config = folder / "nginx.conf"
    config.write_text(_NGINX.format(folder=folder, servers=servers, modules=loaded))
    command = [program, "-p", str(folder), "-c", str(config), "-e", str(folder / "error.log")]
    with running(command, chosen[0], folder / "error.log"):
        yield chosen


@contextmanager
def running(command: list[str], port: int, log: Path, cwd: Path | None = None) -> Iterator[None]:
    """Run a server while the block runs; wait until it listens."""
    process = subprocess.Popen(
        command,
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        ends = time.monotonic() + 30
        while not _listens(port):
            if process.poll() is not None or time.monotonic() > ends:
                process.kill()
                said = process.communicate()[1] + (log.read_text() if log.exists() else "")
                pytest.fail(f"{command[0]} does not run: {said}")
            # A refused connection fails at once: waiting for the process paces the loop.
            try:
                process.wait(0.05)
            except subprocess.TimeoutExpired:
                continue
        yield
    finally:
        process.terminate()
        process.communicate(timeout=30)


def _listens(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False
