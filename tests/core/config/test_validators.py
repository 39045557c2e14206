"""Checks of options: what just passes, and the whole message for what does not."""

from __future__ import annotations

from typing import Any

import pytest

from detector.core.config.validators import (
    check_bool,
    check_extra,
    check_number,
    check_one_of,
    check_secret,
    check_store,
)
from detector.core.errors import ConfigError

MAKE_ONE = (
    "set it to a random text of at least 16 characters that all workers share, for instance the "
    'output of: python -c "import secrets; print(secrets.token_urlsafe(32))"'
)
STORE = "allowed are a file path or a URL, as a text"


def word(key: str, value: Any) -> None:
    """Check one of two words."""
    check_one_of("page", "ads")(key, value)


def share(key: str, value: Any) -> None:
    """Check a number."""
    check_number(0.5, 1)(key, value)


def count(key: str, value: Any) -> None:
    """Check a whole number."""
    check_number(1, 100, whole=True)(key, value)


def extra(key: str, value: Any) -> None:
    """Check a switch that needs a library which is absent."""
    check_extra("no_such_module", "invented")(key, value)


def installed(key: str, value: Any) -> None:
    """Check a switch that needs a library which is there."""
    check_extra("json", "invented")(key, value)


@pytest.mark.parametrize(
    ("check", "value"),
    [
        (check_secret, "s" * 16),
        (check_bool, True),
        (check_bool, False),
        (word, "page"),
        (share, 0.5),
        (share, 1),
        (count, 1),
        (count, 100),
        (extra, False),
        (installed, True),
        (check_store, ""),
        (check_store, "counts.sqlite"),
        (check_store, "sqlite:////srv/me@site/counts.sqlite"),
    ],
)
def test_good(check: Any, value: Any) -> None:
    """Ordinary values pass, and so do the largest and the smallest."""
    check("K", value)


@pytest.mark.parametrize(
    ("check", "value", "message"),
    [
        (check_secret, 7, "K must be a text, not int"),
        (check_secret, "", f"K is not set: {MAKE_ONE}"),
        (check_secret, "s" * 15, f"K has 15 characters: {MAKE_ONE}"),
        (check_bool, 1, "K is 1; allowed are True and False"),
        (word, "view", "K is 'view'; allowed are page, ads"),
        (share, 0.49, "K is 0.49; allowed are numbers from 0.5 to 1"),
        (share, 1.01, "K is 1.01; allowed are numbers from 0.5 to 1"),
        (share, True, "K is True; allowed are numbers from 0.5 to 1"),
        (share, "1", "K is '1'; allowed are numbers from 0.5 to 1"),
        (count, 0, "K is 0; allowed are whole numbers from 1 to 100"),
        (count, 101, "K is 101; allowed are whole numbers from 1 to 100"),
        (count, 2.0, "K is 2.0; allowed are whole numbers from 1 to 100"),
        (extra, 1, "K is 1; allowed are True and False"),
        (extra, True, "K needs no_such_module: pip install 'adblock-detector[invented]'"),
        (check_store, 7, f"K is 7; {STORE}"),
    ],
)
def test_bad(check: Any, value: Any, message: str) -> None:
    """The message names the option and says what is allowed."""
    with pytest.raises(ConfigError) as error:
        check("K", value)
    assert str(error.value) == message


@pytest.mark.parametrize(
    ("store", "problem"),
    [
        ("mysql://me:hun7er@host/db", "no store is known for 'mysql://me@host/db'; allowed are "),
        ("host=h password=hun7er", "'host=h password=…' holds a password and names no store; "),
    ],
)
def test_bad_store(store: str, problem: str) -> None:
    """A store that cannot be opened is named by the option's own name, without its password."""
    with pytest.raises(ConfigError) as error:
        check_store("K", store)
    assert str(error.value).startswith(f"K: {problem}")
