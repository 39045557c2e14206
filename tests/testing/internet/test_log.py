"""The log of the test internet, many visitors at once, and the end."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Callable
from contextlib import closing

import pytest

from detector.testing.internet import Internet
from detector.testing.messages import Request
from tests.testing.internet.conftest import HOST, ask, connect, echo


def test_the_log_can_be_asked(net: Internet) -> None:
    """Requests are found by host, part of the path, and method; `clear` deletes them."""
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
    """The error of a timed-out wait lists the requests that were made."""
    ask(net, HOST, "/came")
    with pytest.raises(TimeoutError, match=r"200 GET https://news\.example/came"):
        net.wait_for(lambda request: request.path == "/never", timeout=0.05)


def test_a_wait_ends_with_the_request(net: Internet) -> None:
    """A wait begun before the request returns it when it arrives."""
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
    """After the block nothing listens, and open connections are cut."""
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
