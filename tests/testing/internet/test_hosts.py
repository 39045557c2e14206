"""Hosts of the test internet: their responses, and their failures on demand."""

from __future__ import annotations

import http.client
import threading
import time
from contextlib import closing

import pytest

from detector.testing.internet import Internet
from detector.testing.messages import Answer, Request
from tests.testing.internet.conftest import HOST, ask, connect


def test_an_unknown_host_does_not_resolve(net: Internet) -> None:
    """Nothing leaves: an unknown host gets no tunnel, and the attempt is logged."""
    with pytest.raises(OSError, match="502"):
        ask(net, "somewhere.else.example")
    (tried,) = net.seen(host="somewhere.else.example")
    assert (tried.method, tried.status) == ("CONNECT", 0)


def test_a_star_stands_for_all_names_below(net: Internet) -> None:
    """A host with a star answers for every subdomain without its own entry."""
    net.answer("*.shop.example", lambda request: Answer(f"any {request.host}"))
    net.answer("own.shop.example", lambda request: Answer("own"))
    assert ask(net, "a.b.shop.example") == (200, b"any a.b.shop.example")
    assert ask(net, "own.shop.example") == (200, b"own")


def test_browsers_own_requests_get_nothing(net: Internet) -> None:
    """Browsers' own background requests get an empty response at once."""
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
    """The usual ad hosts and one harmless third party answer by default."""
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


def test_cut_paths_give_no_answer(net: Internet) -> None:
    """A cut request gets no response and is not logged; others of its host are answered."""
    heard: list[str] = []

    def note(request: Request) -> Answer:
        heard.append(request.path)
        return Answer("here")

    net.answer("shop.example", note)
    net.cut("shop.example", lambda request: request.path == "/bait")
    with pytest.raises(http.client.RemoteDisconnected):
        ask(net, "shop.example", "/bait")
    assert ask(net, "shop.example", "/page") == (200, b"here")
    assert [(r.path, r.status) for r in net.seen("shop.example")] == [("/bait", 0), ("/page", 200)]
    assert heard == ["/page"]
    net.reset()
    assert ask(net, "shop.example", "/bait") == (200, b"here")


def test_third_parties_down_spares_sites(net: Internet) -> None:
    """Only sites answer while third parties are down."""
    net.third_parties_down()
    assert ask(net, HOST)[0] == 200
    for host in ("static.reader.example", "pagead2.googlesyndication.com"):
        with pytest.raises(OSError, match="502"):
            ask(net, host)


def test_status_and_empty_replace_an_answer(net: Internet) -> None:
    """A host can be set to answer with a status, or with an empty 200."""
    net.status(HOST, 503)
    assert ask(net, HOST) == (503, b"")
    net.empty(HOST)
    assert ask(net, HOST) == (200, b"")


def test_a_slow_host_answers_late(net: Internet) -> None:
    """A slow host answers only after its delay."""
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


def test_a_device_stands_before_every_host(net: Internet) -> None:
    """A filtering device answers in a host's place, or closes the connection, until `reset`."""
    net.device(lambda request: "/ads/" in request.path, lambda: Answer("stopped", status=403))
    assert ask(net, HOST, "/ads/x") == (403, b"stopped")
    assert ask(net, "static.reader.example", "/ads/x.css") == (403, b"stopped")
    assert ask(net, HOST, "/news/x")[0] == 200
    net.device(lambda request: "/ads/" in request.path, lambda: None)
    with pytest.raises(http.client.RemoteDisconnected):
        ask(net, HOST, "/ads/x")
    assert net.seen(HOST)[-1].status == 0
    net.reset()
    assert ask(net, HOST, "/ads/x")[0] == 200
