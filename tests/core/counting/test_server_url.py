"""URLs of stores that are servers: which are refused, and what the error says."""

from __future__ import annotations

import pytest

from detector.core.counting.server_url import check_server_url

GOOD = "allowed are good ones"
ESCAPE = (
    "contains characters that must be escaped: write "
    "@ / # ? of user and password as %40 %2F %23 %3F"
)
NO_HOST = f"names no host and port; {GOOD}"


@pytest.mark.parametrize(
    "url",
    [
        "redis://host",
        "redis://host:6379/0",
        "redis://me:p%40w@host:1/0",
        "redis://me:p@w@host:1",
        "redis://me:pw@[::1]:6379",
        "redis://host/0?username=me@here",
    ],
)
def test_one_host_is_named(url: str) -> None:
    """A URL of one server has a host, and at most a port; the last @ ends the password."""
    check_server_url(url, True, GOOD)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://user@host/db",
        "postgresql:///db",
        "postgresql://user@host:port/db",
        "postgresql://user@one:1,two:2/db",
        "postgresql://host/db?user=me@here",
        "postgresql://host?user=me@here",
    ],
)
def test_hosts_are_left_to_the_driver(url: str) -> None:
    """A store that may have several hosts, or a socket, reads its URL itself."""
    check_server_url(url, False, GOOD)


@pytest.mark.parametrize(
    ("url", "one_host", "problem"),
    [
        ("postgresql://me:p@w@host/db", False, f"'postgresql://…' {ESCAPE}"),
        ("postgresql://me:p/w@host/db", False, f"'postgresql://…' {ESCAPE}"),
        ("postgresql://me:p\n/w@host/db", False, f"'postgresql://…' {ESCAPE}"),
        ("postgresql://me:p#w@host/db", False, f"'postgresql://…' {ESCAPE}"),
        ("redis://me:p/w@host/0", True, f"'redis://…' {ESCAPE}"),
        ("redis://me:p#w@host/0", True, f"'redis://…' {ESCAPE}"),
        ("redis://:6379/0", True, f"'redis://:6379/0' {NO_HOST}"),
        ("redis://host:port/0", True, f"'redis://…' {NO_HOST}"),
        ("redis://host:0/0", True, f"'redis://host:0/0' {NO_HOST}"),
        ("redis://[::1/0", True, f"'redis://…' {NO_HOST}"),
    ],
)
def test_a_refused_url_is_explained(url: str, one_host: bool, problem: str) -> None:
    """The error says what to change, and shows no part of a password."""
    with pytest.raises(ValueError) as raised:
        check_server_url(url, one_host, GOOD)
    assert str(raised.value) == f"option store: {problem}"
