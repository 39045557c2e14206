"""A real HAProxy in front of a server, as its manual configures it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from detector.testing.machine import free_port, need
from tests.support.deployed import running

_CONFIG = """
defaults
  mode http
  timeout connect 5s
  timeout client 30s
  timeout server 30s
listen site
  {lines}
"""


@contextmanager
def haproxy(folder: Path, app: int, options: str = "option forwardfor") -> Iterator[int]:
    """Run HAProxy in front of the server on port `app`; yields HAProxy's port."""
    lines = f"{options}\n  bind 127.0.0.1:PORT\n  server app 127.0.0.1:{app}"
    with haproxy_with(folder, lines) as port:
        yield port


@contextmanager
def haproxy_with(folder: Path, lines: str) -> Iterator[int]:
    """Run HAProxy with these lines of a proxy; yields its port, which they name PORT."""
    program, port = need("haproxy"), free_port()
    config = folder / "haproxy.cfg"
    config.write_text(_CONFIG.format(lines=lines.replace("PORT", str(port))))
    with running([program, "-db", "-f", str(config)], port, folder / "haproxy.log"):
        yield port
