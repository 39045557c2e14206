"""Real shared caches in front of an app: nginx and Varnish, with queries in their keys or not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from detector.testing.machine import free_port, need
from tests.conftest import FIREFOX
from tests.support.deployed import nginx, running

Start = Callable[[Path, str, bool], AbstractContextManager[str]]
"""Starts a cache, with its files in a folder and an app behind it; yields its address."""

_LOCATION = """
server {{ listen PORT0; location / {{
  proxy_pass {app}; proxy_cache kept; proxy_cache_key "{key}";
  proxy_cache_valid 200 10m; proxy_cache_revalidate on;
  # nginx stores a page after it has sent it: the lock lets the next request wait for that.
  proxy_cache_lock on;
  add_header X-Cache $upstream_cache_status always;
}} }}
"""
_VCL = """
vcl 4.1;
backend default {{ .host = "{host}"; .port = "{port}"; }}
sub vcl_hash {{ hash_data({key}); return (lookup); }}
{more}
sub vcl_deliver {{
  set resp.http.X-Cache = "MISS";
  if (obj.hits > 0) {{ set resp.http.X-Cache = "HIT"; }}
}}
"""


# Stores what is not private for an hour, whatever else the response says, as Fastly does where its
# VCL is that of before `no-store` was added. Emulated by Varnish, whose own rules are left out.
_ONLY_PRIVATE = """
sub vcl_backend_response {
  if (beresp.http.Cache-Control ~ "private") { set beresp.uncacheable = true; }
  else { set beresp.ttl = 1h; }
  return (deliver);
}
"""


@contextmanager
def nginx_cache(folder: Path, app: str, query: bool) -> Iterator[str]:
    """Run an nginx whose `proxy_cache` takes the query for a part of a page's address, or not."""
    key = "$uri$is_args$args" if query else "$uri"
    with nginx(folder, _LOCATION.format(app=app, key=key)) as (port,):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def varnish(
    folder: Path, app: str, query: bool, more: str = "", listen: str = "HTTP"
) -> Iterator[str]:
    """Run a Varnish with its built-in rules, whose key has the query, or not.

    `more` are rules that come before the built-in ones; `listen` is HTTP or PROXY, the protocol of
    whoever connects to it.
    """
    program, port, behind = need("varnishd"), free_port(), urlsplit(app)
    key = "req.url" if query else r'regsub(req.url, "\?.*$", "")'
    rules = folder / "rules.vcl"
    rules.write_text(_VCL.format(host=behind.hostname, port=behind.port, key=key, more=more))
    command = [program, "-F", "-j", "none", "-n", str(folder / "work"), "-s", "malloc,16m"]
    command += ["-a", f"127.0.0.1:{port},{listen}", "-f", str(rules)]
    with running(command, port, folder / "log"):
        yield f"http://127.0.0.1:{port}"


def only_private(folder: Path, app: str, query: bool) -> AbstractContextManager[str]:
    """Run a cache that stores everything that is not `private`, even with `no-store`."""
    return varnish(folder, app, query, _ONLY_PRIVATE)


class Answer(NamedTuple):
    """A response; `cache` is its cache status."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def cache(self) -> str:
        """Return HIT, MISS or another of nginx's cache statuses."""
        return self.headers.get("x-cache", "")


def ask(url: str, method: str = "GET", **headers: str) -> Answer:
    """Send a browser's request with extra headers; _ in a name stands for -."""
    parts = urlsplit(url)
    connection = HTTPConnection(parts.netloc, timeout=20)
    try:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        connection.request(method, path, headers={"User-Agent": FIREFOX, **named})
        got = connection.getresponse()
        found = {name.lower(): value for name, value in got.getheaders()}
        return Answer(got.status, found, got.read())
    finally:
        connection.close()
