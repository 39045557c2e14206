"""Sites of the test internet: WSGI apps and servers with host names."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterable, Iterator
from contextlib import closing
from typing import Any
from urllib.parse import urlsplit
from wsgiref.simple_server import WSGIRequestHandler, make_server
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest

from detector.testing.internet import Internet
from tests.testing.internet.conftest import HOST, ask, connect, echo


def test_a_site_is_served_over_https(net: Internet) -> None:
    """A site receives scheme, host, path and query as the visitor sent them."""
    assert ask(net, HOST, "/a%20b?c=d") == (200, b"GET https news.example /a b c=d 0")


def test_a_site_is_served_over_http(net: Internet) -> None:
    """The same site answers plain http, with that scheme."""
    proxy = urlsplit(net.proxy_url)
    with closing(http.client.HTTPConnection(str(proxy.hostname), proxy.port, timeout=10)) as client:
        client.request("GET", f"http://{HOST}/x?y", headers={"Host": HOST})
        assert client.getresponse().read() == b"GET http news.example /x y 0"


def test_a_connection_is_kept(net: Internet) -> None:
    """Several requests share one connection, whatever their method and response."""
    with closing(connect(net)) as client:
        for method, path in (("GET", "/1"), ("HEAD", "/2"), ("POST", "/3"), ("GET", "/4")):
            client.request(method, path, b"x" if method == "POST" else None)
            response = client.getresponse()
            expected = b"" if method == "HEAD" else f"{method} https {HOST} {path}  ".encode()
            assert response.read().startswith(expected)
            socket = client.sock
        assert socket is client.sock
    assert [r.path for r in net.seen(host=HOST)] == ["/1", "/2", "/3", "/4"]


def test_head_has_headers_and_no_body(net: Internet) -> None:
    """HEAD returns the headers of the app without its body."""
    with closing(connect(net)) as client:
        client.request("HEAD", "/")
        response = client.getresponse()
        assert response.getheader("X-Site") == "echo"
        assert response.read() == b""


def test_bodies_reach_the_site(net: Internet) -> None:
    """A body arrives complete, with a length or in chunks; the log keeps 4 KB."""
    with closing(connect(net)) as client:
        client.request("POST", "/length", b"x" * 5000)
        assert client.getresponse().read().endswith(b" 5000")
        client.request("POST", "/chunks", iter([b"y" * 3000, b"z" * 3000]))
        assert client.getresponse().read().endswith(b" 6000")
    first, second = net.seen(host=HOST)
    assert first.body == b"x" * 4096
    assert second.body == b"y" * 3000 + b"z" * 1096


def test_bodies_stream(net: Internet) -> None:
    """A visitor reads the first part of a page before the app has produced the second."""
    go_on = threading.Event()

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterator[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain")])
        yield b"first"
        assert go_on.wait(10)
        yield b"second"

    net.site(HOST, app)
    with closing(connect(net)) as client:
        client.request("GET", "/")
        response = client.getresponse()
        assert response.read(5) == b"first"
        go_on.set()
        assert response.read() == b"second"


def test_a_body_is_closed_once(net: Internet) -> None:
    """The app's iterable is closed after the response, also after HEAD."""
    closed = threading.Semaphore(0)

    class Body:
        def __iter__(self) -> Iterator[bytes]:
            return iter([b"x"])

        def close(self) -> None:
            closed.release()

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain")])
        return Body()

    net.site(HOST, app)
    with closing(connect(net)) as client:
        for method in ("GET", "HEAD", "GET"):
            client.request(method, "/")
            client.getresponse().read()
    # The last body is closed after the client has received it.
    assert all(closed.acquire(timeout=10) for _ in range(3))
    assert not closed.acquire(blocking=False)


def test_a_failing_site_is_noted(net: Internet) -> None:
    """An exception of an app is a 500 and is kept for the test."""

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        raise KeyError("deliberate")

    net.site(HOST, app)
    assert ask(net, HOST)[0] == 500
    assert "deliberate" in net.errors[0]
    net.clear_log()
    assert net.errors == []


def test_a_body_that_breaks_off_is_noted(net: Internet) -> None:
    """A page that fails midway is received as incomplete, and its exception is kept."""

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterator[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain")])
        yield b"first"
        raise KeyError("halfway")

    net.site(HOST, app)
    with pytest.raises(http.client.IncompleteRead):
        ask(net, HOST)
    assert "halfway" in net.errors[0]
    net.clear_log()


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        pass


def test_a_site_can_be_a_server(net: Internet) -> None:
    """A local server is reached by the host's name and receives the scheme."""

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        start_response("418 Teapot", [("Content-Type", "text/plain"), ("X-Own", "yes")])
        return [environ["HTTP_HOST"].encode(), b" ", environ["HTTP_X_FORWARDED_PROTO"].encode()]

    with make_server("127.0.0.1", 0, app, handler_class=_Quiet) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        net.forward("real.example", "127.0.0.1", server.server_port)
        net.third_parties_down()
        assert ask(net, "real.example") == (418, b"real.example https")
        server.shutdown()
        thread.join()


def test_a_server_that_is_not_there_is_named(net: Internet) -> None:
    """Forwarding to a closed port is a 502 that names the port."""
    with make_server("127.0.0.1", 0, echo) as server:
        port = server.server_port
    net.forward("gone.example", "127.0.0.1", port)
    status, text = ask(net, "gone.example")
    assert status == 502
    assert f"127.0.0.1:{port}".encode() in text
