"""The closed test internet: what it serves, how it fails on demand, and what it remembers."""

from __future__ import annotations

import http.client
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from typing import Any
from urllib.parse import urlsplit
from wsgiref.simple_server import WSGIRequestHandler, make_server
from wsgiref.types import StartResponse, WSGIEnvironment
from wsgiref.validate import validator

import pytest

from detector.qa.internet import Internet
from detector.qa.messages import Answer, Request

HOST = "news.example"


@pytest.fixture(scope="module")
def internet() -> Iterator[Internet]:
    """Give one test internet for all tests of this file."""
    with Internet() as internet:
        yield internet


@pytest.fixture
def net(internet: Internet) -> Iterator[Internet]:
    """Give the test internet without faults and with an empty log, and a site in it."""
    internet.reset()
    internet.clear_log()
    internet.site(HOST, validator(echo))
    yield internet
    internet.reset()


def echo(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Answer with what the site was told of the request."""
    body = environ["wsgi.input"].read(100_000)
    text = " ".join(
        [
            environ["REQUEST_METHOD"],
            environ["wsgi.url_scheme"],
            environ["HTTP_HOST"],
            environ["PATH_INFO"],
            environ["QUERY_STRING"],
            str(len(body)),
        ]
    )
    start_response("200 OK", [("Content-Type", "text/plain"), ("X-Site", "echo")])
    return [text.encode()]


def connect(net: Internet, host: str = HOST) -> http.client.HTTPSConnection:
    """Open a connection through the proxy that checks the certificate of the host."""
    proxy = urlsplit(net.proxy_url)
    context = ssl.create_default_context(cafile=str(net.ca_pem_path))
    client = http.client.HTTPSConnection(str(proxy.hostname), proxy.port, context=context)
    client.timeout = 10
    client.set_tunnel(host, 443)
    return client


def ask(net: Internet, host: str, path: str = "/", method: str = "GET") -> tuple[int, bytes]:
    """Return status and body of one request over https."""
    with closing(connect(net, host)) as client:
        client.request(method, path)
        response = client.getresponse()
        return response.status, response.read()


def test_a_site_is_served_over_https(net: Internet) -> None:
    """A site sees scheme, host, path and query as a visitor wrote them."""
    assert ask(net, HOST, "/a%20b?c=d") == (200, b"GET https news.example /a b c=d 0")


def test_a_site_is_served_over_http(net: Internet) -> None:
    """The same site answers plain http, and says so."""
    proxy = urlsplit(net.proxy_url)
    with closing(http.client.HTTPConnection(str(proxy.hostname), proxy.port, timeout=10)) as client:
        client.request("GET", f"http://{HOST}/x?y", headers={"Host": HOST})
        assert client.getresponse().read() == b"GET http news.example /x y 0"


def test_a_connection_is_kept(net: Internet) -> None:
    """Several requests go over one connection, whatever their method and answer."""
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
    """HEAD gives the headers of the app without its body."""
    with closing(connect(net)) as client:
        client.request("HEAD", "/")
        response = client.getresponse()
        assert response.getheader("X-Site") == "echo"
        assert response.read() == b""


def test_bodies_reach_the_site(net: Internet) -> None:
    """A body arrives whole whether it has a length or comes in chunks; the log keeps 4 KB."""
    with closing(connect(net)) as client:
        client.request("POST", "/length", b"x" * 5000)
        assert client.getresponse().read().endswith(b" 5000")
        client.request("POST", "/chunks", iter([b"y" * 3000, b"z" * 3000]))
        assert client.getresponse().read().endswith(b" 6000")
    first, second = net.seen(host=HOST)
    assert first.body == b"x" * 4096
    assert second.body == b"y" * 3000 + b"z" * 1096


def test_bodies_stream(net: Internet) -> None:
    """A visitor reads the first part of a page before the app has made the second."""
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
    """The app's iterable is closed after the answer, and after HEAD."""
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
    # The last body is closed after the client has all of it.
    assert all(closed.acquire(timeout=10) for _ in range(3))
    assert not closed.acquire(blocking=False)


def test_a_failing_site_is_noted(net: Internet) -> None:
    """An exception of an app is answered with 500 and kept for the test to see."""

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        raise KeyError("deliberate")

    net.site(HOST, app)
    assert ask(net, HOST)[0] == 500
    assert "deliberate" in net.errors[0]
    net.clear_log()
    assert net.errors == []


def test_a_body_that_breaks_off_is_noted(net: Internet) -> None:
    """A page that fails in its middle is seen as incomplete, and its exception is kept."""

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterator[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain")])
        yield b"first"
        raise KeyError("halfway")

    net.site(HOST, app)
    with pytest.raises(http.client.IncompleteRead):
        ask(net, HOST)
    assert "halfway" in net.errors[0]


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        pass


def test_a_site_can_be_a_server(net: Internet) -> None:
    """A server on this machine is reached under the host's name and told the scheme."""

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
    """Forwarding to a closed port answers 502 and says where it looked."""
    with make_server("127.0.0.1", 0, echo) as server:
        port = server.server_port
    net.forward("gone.example", "127.0.0.1", port)
    status, text = ask(net, "gone.example")
    assert status == 502
    assert f"127.0.0.1:{port}".encode() in text


def test_an_unknown_host_does_not_resolve(net: Internet) -> None:
    """Nothing is let out: a host nobody set up gets no tunnel, and the log shows the try."""
    with pytest.raises(OSError, match="502"):
        ask(net, "somewhere.else.example")
    (tried,) = net.seen(host="somewhere.else.example")
    assert (tried.method, tried.status) == ("CONNECT", 0)


def test_a_star_stands_for_all_names_below(net: Internet) -> None:
    """A host with a star answers for every name under it, unless one is set up by itself."""
    net.answer("*.shop.example", lambda request: Answer(f"any {request.host}"))
    net.answer("own.shop.example", lambda request: Answer("own"))
    assert ask(net, "a.b.shop.example") == (200, b"any a.b.shop.example")
    assert ask(net, "own.shop.example") == (200, b"own")


def test_browsers_own_requests_get_nothing(net: Internet) -> None:
    """What browsers ask on their own account is answered at once, with nothing."""
    assert ask(net, "firefox.settings.services.mozilla.com", "/v1/") == (404, b"")


@pytest.mark.parametrize(
    ("host", "path", "words"),
    [
        ("pagead2.googlesyndication.com", "/pagead/js/adsbygoogle.js", b"adsbygoogle"),
        ("securepubads.g.doubleclick.net", "/tag/js/gpt.js", b"googletag"),
        ("www.googletagservices.com", "/tag/js/gpt.js", b"googletag"),
        ("googleads.g.doubleclick.net", "/pagead/ads?format=1x2", b"simgad/1x2"),
        ("x.safeframe.googlesyndication.com", "/c.html?format=3x4", b"simgad/3x4"),
        ("tpc.googlesyndication.com", "/simgad/300x250", b"<svg"),
        ("static.reader.example", "/site.css", b"--example-cdn"),
    ],
)
def test_ad_hosts_answer(net: Internet, host: str, path: str, words: bytes) -> None:
    """The usual ad hosts and one harmless third party answer without being set up."""
    status, body = ask(net, host, path)
    assert status == 200
    assert words in body


def test_dead_hosts_give_no_answer(net: Internet) -> None:
    """A dead host refuses new connections and cuts open ones, and `reset` brings it back."""
    with closing(connect(net)) as client:
        client.request("GET", "/")
        client.getresponse().read()
        net.dead([HOST])
        client.request("GET", "/late")
        with pytest.raises(http.client.RemoteDisconnected):
            client.getresponse()
    with pytest.raises(OSError, match="502"):
        ask(net, HOST)
    assert [r.status for r in net.seen(host=HOST)] == [200, 0, 0]
    net.reset()
    assert ask(net, HOST)[0] == 200


def test_third_parties_down_spares_sites(net: Internet) -> None:
    """Only sites answer while third parties are down."""
    net.third_parties_down()
    assert ask(net, HOST)[0] == 200
    for host in ("static.reader.example", "pagead2.googlesyndication.com"):
        with pytest.raises(OSError, match="502"):
            ask(net, host)


def test_status_and_empty_replace_an_answer(net: Internet) -> None:
    """A host can be made to answer a status, or 200 with nothing in it."""
    net.status(HOST, 503)
    assert ask(net, HOST) == (503, b"")
    net.empty(HOST)
    assert ask(net, HOST) == (200, b"")


def test_a_slow_host_answers_late(net: Internet) -> None:
    """A slow host answers, but not before its time."""
    net.slow(HOST, 0.3)
    before = time.monotonic()
    assert ask(net, HOST)[0] == 200
    assert time.monotonic() - before >= 0.3


def test_reset_lets_slow_answers_go(net: Internet) -> None:
    """A slow request is in the log while it waits, and `reset` ends its wait."""
    net.slow(HOST, 60)
    results: list[tuple[int, bytes]] = []
    thread = threading.Thread(target=lambda: results.append(ask(net, HOST)))
    thread.start()
    assert net.wait_for(lambda request: request.host == HOST).status is None
    net.reset()
    thread.join(10)
    assert [status for status, _ in results] == [200]
    assert net.wait_for(lambda request: request.status == 200).host == HOST


def test_the_log_can_be_asked(net: Internet) -> None:
    """Requests are found by host, part of the path, and method; clearing forgets them."""
    ask(net, HOST, "/a?one")
    ask(net, HOST, "/b", "POST")
    assert [r.path for r in net.seen(path_contains="one")] == ["/a?one"]
    assert [r.path for r in net.seen(host=HOST, method="POST")] == ["/b"]
    assert net.seen(host="static.reader.example") == []
    assert net.requests[0].url == "https://news.example/a?one"
    assert net.requests[0].headers["host"] == HOST
    net.clear_log()
    assert net.requests == []


def test_waiting_in_vain_names_what_came(net: Internet) -> None:
    """A wait that ends tells which requests there were instead."""
    ask(net, HOST, "/came")
    with pytest.raises(TimeoutError, match=r"200 GET https://news\.example/came"):
        net.wait_for(lambda request: request.path == "/never", timeout=0.05)


def test_a_wait_ends_with_the_request(net: Internet) -> None:
    """A wait begun before the request returns it when it comes."""
    found: list[Request] = []
    thread = threading.Thread(
        target=lambda: found.append(net.wait_for(lambda request: request.path == "/soon"))
    )
    thread.start()
    ask(net, HOST, "/soon")
    thread.join(10)
    assert found[0].path == "/soon"


def test_many_visitors_at_once(net: Internet) -> None:
    """Requests of many threads are all answered and all logged."""

    def visit(number: int) -> Callable[[], None]:
        return lambda: results.append(ask(net, HOST, f"/{number}"))

    results: list[tuple[int, bytes]] = []
    threads = [threading.Thread(target=visit(number)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert {status for status, _ in results} == {200}
    assert len(results) == len(net.seen(host=HOST)) == 20


def test_the_end_cuts_everything() -> None:
    """After the block nothing listens any more, and open connections are cut."""
    with Internet() as internet:
        internet.site(HOST, echo)
        client = connect(internet)
        client.request("GET", "/")
        client.getresponse().read()
    with closing(client), pytest.raises((http.client.RemoteDisconnected, OSError)):
        client.request("GET", "/")
        client.getresponse()
    with pytest.raises(ConnectionRefusedError):
        client.connect()
