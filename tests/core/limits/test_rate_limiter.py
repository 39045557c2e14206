"""How many reports of one client count, and what one client is."""

from __future__ import annotations

import logging
import sys
from ipaddress import ip_network

import pytest

from detector.asgi import DetectorMiddleware as AsgiMiddleware
from detector.core.limits.rate_limiter import BURST, CLIENTS, RateLimiter
from detector.core.reports.client_address import ClientAddresses, network
from detector.core.site import Site
from detector.wsgi import DetectorMiddleware as WsgiMiddleware
from tests.conftest import Clock
from tests.core.endpoints.conftest import Visit, verdict
from tests.support.calls import call_asgi, call_wsgi
from tests.support.forks import in_child

FAR = "9.8.7.6"


@pytest.mark.parametrize(
    ("remote", "forwarded", "proxies", "client"),
    [
        (FAR, None, 0, "9.8.7.6"),
        (f"{FAR}:1234", None, 0, "9.8.7.6"),
        (f"::ffff:{FAR}", None, 0, "9.8.7.6"),
        ("2600:1:2:3:4:5:6:7", None, 0, "2600:0001:0002:0003::/64"),
        ("2600:1:2:3::9", None, 0, "2600:0001:0002:0003::/64"),
        ("[2600:1:2:3::9]:80", None, 0, "2600:0001:0002:0003::/64"),
        ("2600:1:2:3::9%eth0", None, 0, "2600:0001:0002:0003::/64"),
        ("2600:1:2:4::9", None, 0, "2600:0001:0002:0004::/64"),
        # A peer with a near address is an unconfigured proxy.
        ("127.0.0.1", None, 0, ""),
        ("10.1.2.3", "9.9.9.9", 0, ""),
        ("100.64.0.1", None, 0, ""),
        ("::1", None, 0, ""),
        ("fe80::1%eth0", None, 0, ""),
        ("", None, 0, ""),
        ("unix:", None, 0, ""),
        ("nonsense", None, 0, ""),
        # Without `proxies` the header is not trusted.
        (FAR, "1.1.1.1", 0, "9.8.7.6"),
        ("127.0.0.1", "1.1.1.1", 1, "1.1.1.1"),
        ("127.0.0.1", "6.6.6.6, 1.1.1.1", 1, "1.1.1.1"),
        ("127.0.0.1", "6.6.6.6, 1.1.1.1,10.0.0.1", 2, "1.1.1.1"),
        ("127.0.0.1", "192.168.0.7", 1, "192.168.0.7"),
        ("127.0.0.1", "6.6.6.6, [2600::1]:99", 1, "2600:0000:0000:0000::/64"),
        (FAR, "1.1.1.1", 2, "9.8.7.6"),
        (FAR, None, 1, "9.8.7.6"),
        (FAR, "1.1.1.1, ", 1, ""),
    ],
)
def test_client(remote: str, forwarded: str | None, proxies: int, client: str) -> None:
    """A client is an address or a household's network; proxies are trusted only if configured."""
    headers = {} if forwarded is None else {"x-forwarded-for": forwarded}
    clients = ClientAddresses(proxies)
    assert [clients.client(remote, headers) for _ in range(2)] == [client] * 2


def test_no_visitor_is_kept() -> None:
    """Only near addresses are remembered, a hundred at most."""
    clients = ClientAddresses(0)
    for n in range(256):
        clients.client(f"9.8.7.{n}", {})
        clients.client(f"10.1.2.{n}", {})
    assert len(clients._near) == 100
    assert all(one.startswith("10.1.2.") for one in clients._near)


def test_untold_proxy_is_named_once(caplog: pytest.LogCaptureFixture) -> None:
    """A proxy missing in the option is logged once, one that the server resolved never."""
    clients = ClientAddresses(0)
    clients.client(FAR, {"x-forwarded-for": f"1.1.1.1, {FAR}"})
    assert not caplog.records
    for _ in range(3):
        clients.client(FAR, {"x-forwarded-for": "1.1.1.1"})
    assert [r.levelno for r in caplog.records] == [logging.WARNING]
    assert "proxies = 1" in caplog.text


@pytest.mark.parametrize(
    ("proxies", "remote", "forwarded", "words"),
    [
        (0, "127.0.0.1", "1.1.1.1", "proxies = 1"),
        (0, "10.0.0.7", "1.1.1.1, 10.0.0.9", "proxies = 1"),
        (0, "", "1.1.1.1", "proxies = 1"),  # a Unix socket
        (0, "127.0.0.1", None, ""),
        (0, "10.0.0.7", "10.0.0.7", ""),  # resolved by the server
        (1, "127.0.0.1", None, "--trusted-proxy-headers=x-forwarded-for"),
        (2, "::1", "1.1.1.1", "proxies is 2"),
        (1, "127.0.0.1", "1.1.1.1", ""),
        (1, FAR, None, ""),  # a visitor who bypassed the proxy
    ],
)
def test_proxies_that_do_not_fit_are_named_once(
    proxies: int, remote: str, forwarded: str | None, words: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The first request that shows that `proxies` is wrong is logged with the fix, once."""
    clients = ClientAddresses(proxies)
    if not proxies:
        clients.client(remote, {})  # known as near before the proxy shows itself
    headers = {} if forwarded is None else {"x-forwarded-for": forwarded}
    for _ in range(3):
        clients.client(remote, headers)
    assert len(caplog.messages) == bool(words)
    assert words in caplog.text


@pytest.mark.parametrize(
    ("argv", "proxies", "warned"),
    [
        (["/usr/bin/waitress-serve", "--port=80", "site:app"], 1, True),
        (["/lib/python/waitress/__main__.py", "site:app"], 1, True),
        (["waitress-serve", "site:app"], 0, False),
        (["waitress-serve", "--no-clear-untrusted-proxy-headers", "site:app"], 1, False),
        (["waitress-serve", "--trusted-proxy", "::1", "site:app"], 1, False),
        (["waitress-serve", "--trusted-proxy=*", "site:app"], 1, False),
        (["gunicorn", "site:app"], 1, False),
        ([], 1, False),
    ],
)
def test_plain_waitress_is_named_at_the_start(
    argv: list[str],
    proxies: int,
    warned: bool,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A waitress-serve that removes the header needed by `proxies` is reported at the start."""
    monkeypatch.setattr(sys, "argv", argv)
    ClientAddresses(proxies)
    assert ("--no-clear-untrusted-proxy-headers" in caplog.text) == warned


def test_burst_and_pace(clock: Clock) -> None:
    """For each client, a burst of twenty counts and then four a second."""
    rate = RateLimiter(clock)
    assert [rate.takes("a") for _ in range(30)] == [True] * BURST + [False] * 10
    assert rate.takes("b")
    for _ in range(5):
        clock.now += 1
        assert [rate.takes("a") for _ in range(6)] == [True] * 4 + [False] * 2
    clock.now += 3600
    assert sum(rate.takes("a") for _ in range(30)) == BURST


def household(number: int, network: str = "2600:1:2") -> str:
    """Return one of the 65,536 networks (/64) of a larger one (/48)."""
    return ClientAddresses(0).client(f"{network}:{number:x}::1", {})


def test_a_network_has_a_limit_of_its_own(clock: Clock) -> None:
    """All /64 networks of a /48 together have sixteen times the limit of one."""
    rate = RateLimiter(clock)
    assert sum(rate.takes(household(number)) for number in range(0, 65_536, 16)) == 16 * BURST
    assert sum(rate.takes(household(number, "2600:1:3")) for number in range(BURST)) == BURST
    clock.now += 1
    assert sum(rate.takes(household(number)) for number in range(1000)) == 64


def test_a_household_does_not_use_up_its_network(clock: Clock) -> None:
    """A /64 above its own limit does not use up its neighbours' limit."""
    rate = RateLimiter(clock)
    assert sum(rate.takes(household(0)) for _ in range(10_000)) == BURST
    for number in range(1, 16):
        assert sum(rate.takes(household(number)) for _ in range(BURST)) == BURST


@pytest.mark.parametrize(
    ("client", "larger"),
    [
        ("2600:1:2:3::9", "2600:1:2::/48"),
        ("2600:1:2:ffff::9", "2600:1:2::/48"),
        ("2600::", "2600::/48"),
        ("2a00:1450:4001:81b::200e", "2a00:1450:4001::/48"),
        (FAR, ""),
        (f"::ffff:{FAR}", ""),
        ("10.1.2.3", ""),
        ("", ""),
    ],
)
def test_network(client: str, larger: str) -> None:
    """The network of a client is its /48; IPv4 addresses have none."""
    found = network(ClientAddresses(0).client(client, {}))
    assert found == (larger and str(ip_network(larger).exploded)[:14])


def test_nobody_in_particular(clock: Clock) -> None:
    """Where clients cannot be told apart there is no limit that one could use up for all."""
    rate = RateLimiter(clock)
    assert all(rate.takes("") for _ in range(100))


def test_clock_set_back(clock: Clock) -> None:
    """A clock set back by an hour shuts a client out for a few seconds at most."""
    rate = RateLimiter(clock)
    assert all(rate.takes("a") for _ in range(BURST))
    clock.now -= 3600
    rate.takes("a")
    clock.now += BURST / 4
    assert rate.takes("a")


def test_bounded(clock: Clock) -> None:
    """However many clients there are, only the latest are kept in memory."""
    rate = RateLimiter(clock)
    for number in range(CLIENTS + 100):
        rate.takes(str(number))
    assert len(rate._due) == CLIENTS
    # The oldest is forgotten, not the one that comes: a full table still limits it.
    assert [rate.takes("new") for _ in range(BURST + 1)] == [True] * BURST + [False]


def test_key_changes_daily(clock: Clock) -> None:
    """Nothing kept about a client contains its address or outlasts the day."""
    rate = RateLimiter(clock)
    rate.takes(FAR)
    (first,) = rate._due
    assert FAR.encode() not in first
    clock.now += 24 * 3600
    rate.takes(FAR)
    (second,) = rate._due
    assert first != second


def test_over_the_limit(site: Site) -> None:
    """A report over the limit gets the same response, and counts only as over the limit."""
    visit = Visit(site)
    visit.remote = FAR
    for number in range(BURST + 5):
        control = visit.control(f"{number:020}")
        response = visit.post(verdict(visit, control))
        assert (response.status, response.body) == (204, b"")
    assert visit.counted("verdict", "clear") == BURST
    assert visit.counted("refused", dimension="reason", value="rate") == 5
    visit.remote = "9.8.7.7"
    visit.post(verdict(visit, visit.control("9" * 20)))
    assert visit.counted("verdict", "clear") == BURST + 1


def floods(site: Site) -> dict[str, int]:
    """Return the number of refused reports by reason."""
    rows = site.counters.snapshot()
    return {key[3]: n for key, n in rows.items() if key[2] == "reason"}


EXPECTED = {"syntax": BURST, "rate": 3}


def test_wsgi_tells_the_address(site: Site) -> None:
    """The WSGI middleware passes on the client's address."""
    app = WsgiMiddleware(lambda environ, start: [], site=site)
    for _ in range(BURST + 3):
        found = call_wsgi(
            app,
            path=f"/{site.names.prefix}/{site.names.report}",
            REQUEST_METHOD="POST",
            CONTENT_LENGTH="0",
            REMOTE_ADDR=FAR,
        )
        assert found.status == "204 No Content"
    assert floods(site) == EXPECTED


def test_asgi_tells_the_address(site: Site) -> None:
    """The ASGI middleware passes on the client's address; a Unix socket has none."""

    async def nothing(scope: object, receive: object, send: object) -> None:
        raise AssertionError

    app = AsgiMiddleware(nothing, site=site)
    path = f"/{site.names.prefix}/{site.names.report}"
    for client in [(FAR, 4000)] * (BURST + 3) + [None] * 5:
        assert call_asgi(app, path=path, method="POST", client=client).status == "204"
    assert floods(site) == {**EXPECTED, "syntax": BURST + 5}


def test_a_child_limits_by_itself(clock: Clock) -> None:
    """A fork while another thread counts a request blocks neither process."""
    limiter = RateLimiter(clock)
    assert all(limiter.takes(FAR) for _ in range(BURST - 1))
    assert in_child(limiter._lock, lambda: limiter.takes(FAR) and not limiter.takes(FAR))
    assert limiter.takes(FAR)
