"""What may be shown of a store's URL, and of messages about it: never a part of a password."""

from __future__ import annotations

import pytest

from detector.core.counting.masking import masked, scrubbed


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        # Without a scheme, what has a colon before an @ is a password.
        ("me@b:hun7er@host", "…"),
        (":hun7er@host", "…"),
        ("me@host", "me@host"),
        ("redis://host:6379?x=1", "redis://host:6379"),
        ("redis://me:hun7er@host", "redis://me@host"),
        ("redis://me:hun7er@host/0?x=1", "redis://me@host/0"),
        ("sqlite:///counts.sqlite", "sqlite:///counts.sqlite"),
    ],
)
def test_urls(url: str, shown: str) -> None:
    """Only the parts that can be no password are left."""
    assert masked(url) == shown


@pytest.mark.parametrize(
    ("url", "message", "shown"),
    [
        # The whole password is one, and so is each of its parts that a driver may print.
        ("postgresql://me:abc/defgh@h/db", "bad abc/defgh", "bad …"),
        ("postgresql://me:abc/defgh@h/db", "bad abc, bad defgh", "bad …, bad …"),
        ("redis://me:hun:7er@h/0", "bad hun:7er", "bad …"),
        ("redis://me:a@b!c@h/0?x=y@z", "bad a@b!c", "bad …"),
        ("redis://me:12?hun7er@h/0", "bad 12?hun7er", "bad …"),
        ("redis://me:12?hun@7er@h/0", "bad 12?hun@7er", "bad …"),
        # In whatever way it is escaped.
        ("redis://me:%68un7er@h/0", "bad hun7er, bad %68un7er", "bad …, bad …"),
        ("redis://me:pa/ss@h/0", "bad pa%2Fss", "bad …"),
        # Three characters are searched for everywhere, fewer between quotes only.
        ("redis://me:pwd@h/0", "bad pwd", "bad …"),
        ("redis://me:pw@h/0", "bad pw, 'pw', \"pw\", 'x'", "bad pw, '…', \"…\", 'x'"),
        # Without an @ all behind the first colon may be a password.
        ("redis://:hun7er", "bad hun7er", "bad …"),
        ("redis://me:hun:7er", "bad hun:7er", "bad …"),
        # Values of a query are secret, and names without one, but for those that are known.
        ("redis://h/0?password=hun7er", "password hun7er refused", "password … refused"),
        ("redis://h/0?hun7er", "bad hun7er", "bad …"),
        ("redis://h/0?pw=a=hun7er", "bad a=hun7er", "bad …"),
        ("redis://h/0?pw=hun7er?x=1", "bad hun7er", "bad …"),
        ("postgresql://h/db?sslmode=require&key=hun7er", "require hun7er", "require …"),
        ("postgresql://h/db?sslmode=require#hun7er", "require hun7er", "require …"),
        # What is public stays readable.
        ("redis://user:hun7er@example/0", "user refused by example", "user refused by example"),
        ("redis://example:6379/0", "example:6379 refused", "example:6379 refused"),
        ("redis://me:hun7er@h/0", "redis://me:hun7er@h/0 refused", "redis://me@h/0 refused"),
        # Any other URL or setting in the message has a password of its own.
        ("redis://h/0", "redis://me:zwe1ter@g password = zwe1ter", "redis://me:…@g password = …"),
    ],
)
def test_messages(url: str, message: str, shown: str) -> None:
    """A message has no part of the URL's password, in whatever form a driver prints it."""
    assert scrubbed(message, url) == shown
