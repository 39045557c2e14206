"""Which requests are received as reports, and why others are refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from detector.core.config.loading import make_config
from detector.core.reports.client_address import ClientAddresses
from detector.core.reports.parser import LIMIT, Refused
from detector.core.reports.receiver import ReceivedReport, ReportReceiver, same_origin
from detector.core.request import Request
from tests.conftest import SECRET

FAR = "9.8.7.6"


class Limit:
    """A limit that notes who was asked for."""

    def __init__(self, takes: bool = True) -> None:
        self.asked: list[str] = []
        self._takes = takes

    def takes(self, client: str) -> bool:
        """Note the client."""
        self.asked.append(client)
        return self._takes


def receive(
    limit: Limit,
    read: Callable[[int], bytes] = lambda size: b"x" * size,
    level: str = "stats",
    **headers: str,
) -> ReceivedReport:
    """Receive a request with these headers, written with _ for -."""
    config = make_config(secret=SECRET, level=level)
    receiver = ReportReceiver(config, ClientAddresses(0), limit)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return receiver.receive(Request("POST", "/", "", named, FAR, read))


def test_what_a_report_needs_is_kept() -> None:
    """One byte more than a report may have is read; the address is kept for the limit alone."""
    limit = Limit()
    found = receive(limit, user_agent="Firefox", content_encoding="identity", sec_gpc="1")
    assert found == ReceivedReport(b"x" * (LIMIT + 1), "Firefox", True)
    assert limit.asked == [FAR]
    assert receive(limit) == ReceivedReport(b"x" * (LIMIT + 1), None, False)


def too_slow(size: int) -> bytes:
    """Fail as a server does whose client sends too little in time."""
    raise OSError


def too_long(size: int) -> bytes:
    """Fail as request_body.py does for a longer body."""
    raise ValueError


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"level": "off"}, "consent"),
        ({"limit": Limit(False)}, "rate"),
        ({"sec_fetch_site": "cross-site"}, "origin"),
        ({"content_encoding": "gzip"}, "encoding"),
        ({"read": too_slow}, "size"),
        ({"read": too_long}, "size"),
    ],
)
def test_refused(given: dict[str, Any], reason: str) -> None:
    """Each refused request has a reason of the closed list."""
    with pytest.raises(Refused) as error:
        receive(**{"limit": Limit(), **given})
    assert error.value.reason == reason


def test_what_is_not_counted_asks_no_limit() -> None:
    """Where nothing is counted, no address is looked at."""
    limit = Limit()
    with pytest.raises(Refused):
        receive(limit, level="off")
    assert limit.asked == []


@pytest.mark.parametrize(
    ("headers", "same"),
    [
        ({}, True),
        ({"sec-fetch-site": "same-origin"}, True),
        ({"sec-fetch-site": "same-site"}, False),
        ({"sec-fetch-site": "same-origin", "origin": "https://evil.example"}, True),
        ({"origin": "https://news.example", "host": "news.example"}, True),
        ({"origin": "https://news.example:444", "host": "news.example"}, False),
        ({"origin": "null", "host": "news.example"}, False),
        ({"origin": "http://[", "host": "news.example"}, False),
        ({"host": "news.example"}, True),
    ],
)
def test_same_origin(headers: dict[str, str], same: bool) -> None:
    """The most reliable header that a browser sends decides; old browsers send none."""
    assert same_origin(headers) is same
