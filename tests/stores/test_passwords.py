"""Passwords in unusual store URLs: no message, log line, exception or command reveals them."""

from __future__ import annotations

import logging
import traceback
from pathlib import Path

import pytest

from detector.cli.main import main
from detector.core.config.loading import make_config
from detector.core.counting.counters import Counters
from detector.core.counting.flusher import Flusher
from detector.core.counting.masking import masked, scrubbed
from detector.core.counting.store_url import open_store
from detector.core.errors import ConfigError, StoreError
from detector.testing.machine import free_port
from tests.conftest import SECRET

PIECES = ("hun7er", "zwe1ter")
H = "127.0.0.1:PORT"
URLS = [
    f"postgresql+psycopg://user:hun7er@{H}/db",
    f"postgresql+psycopg2://user:hun7er@zwe1ter@{H}/db",
    f"postgresql+asyncpg://:hun7er@{H}/db",
    f"mysql://user:hun7er@{H}/db",
    f"unknown://user:hun7er/zwe1ter@{H}",
    f"postgresql://user:hun7er@{H}/db",
    f"POSTGRESQL://user:hun7er@{H}/db",
    f"postgres://user:hun7er@zwe1ter@{H}/db",
    f"postgresql://user:hun7er/zwe1ter@{H}/db",
    f"postgresql://user:hun7er?zwe1ter@{H}/db",
    f"postgresql://user:hun7er#zwe1ter@{H}/db",
    f"postgresql://user:hun7er:zwe1ter@{H}/db",
    f"postgresql://user:hun7er%zzwe1ter@{H}/db",
    f"postgresql://user:hun7er%40zwe1ter@{H}/db",
    f"postgresql://user:%68un7er@{H}/db",
    f"postgresql://user@{H}/db?password=hun7er",
    f"postgresql://{H}/db?user=me&password=hun7er@zwe1ter",
    f"postgresql://user@{H}/db?sslpassword=hun7er&sslmode=require",
    f"postgresql://user@{H}/db?passwordhun7er",
    f"postgresql://user@{H}/db?nonsense=hun7er",
    f"postgresql://user@{H}/db?PASSWORD=hun7er",
    "postgresql://user:hun7er",
    f"postgresql:/user:hun7er@{H}/db",
    f"postgresql:user:hun7er@{H}/db",
    f"user:hun7er@{H}/db",
    "host=127.0.0.1 port=PORT user=me password=hun7er dbname=db",
    "host=127.0.0.1 password='hun7er zwe1ter' dbname=db",
    "host=127.0.0.1 sslpassword = 'hun7er\\' zwe1ter'",
    f"redis://:hun7er@{H}/0",
    f"redis://user:hun7er:zwe1ter@{H}/0",
    f"rediss://user:hun7er@zwe1ter/et@{H}",
    f"redis://user:hun7er@zwe1ter@{H}/0",
    f"redis://user:hun7er/zwe1ter@{H}/0",
    f"redis://user:12?hun7er@{H}/0",
    f"redis://{H}/0?password=hun7er",
    f"redis+cluster://user:hun7er@{H}",
    f"redis://user:hun7er zwe1ter@{H}/0",
    "redis://:hun7er",
    f"sqlite://user:hun7er@{H}/counts",
    f"sqlite:////srv/user:hun7er@{H}/counts",
]


@pytest.fixture(params=URLS)
def url(request: pytest.FixtureRequest) -> str:
    """Return the URL of an unreachable store."""
    found: str = request.param
    return found.replace("PORT", str(free_port()))


def silent(text: str) -> None:
    """Check that a text contains no part of a password."""
    for piece in PIECES:
        assert piece not in text.lower()


def test_names(url: str) -> None:
    """A URL is shown without any part of its password."""
    silent(masked(url))
    silent(scrubbed(f"connection to {url} failed", url))


def test_configuration(url: str) -> None:
    """Neither an option's error nor the printed options reveal a password."""
    try:
        config = make_config(secret=SECRET, store=url)
    except ConfigError as error:
        silent(str(error))
        silent(traceback.format_exc())
    else:
        silent(repr(config))


def test_store(url: str, caplog: pytest.LogCaptureFixture) -> None:
    """Neither a store's error, with its causes, nor the log reveal a password."""
    with pytest.raises((ValueError, StoreError)) as found:
        open_store(url, readonly=True).sites()
    silent("".join(traceback.format_exception(found.value)))
    counters = Counters("site")
    counters.count("view")
    flusher = Flusher(counters, lambda: open_store(url), log=logging.getLogger("detector"))
    assert not flusher.flush()
    flusher.close()
    counters.drain()
    assert "counts stay in memory" in caplog.text
    silent(caplog.text)


def test_commands(
    url: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """No command reveals a password of its arguments or the environment."""
    monkeypatch.chdir(tmp_path)
    for command in (
        ["stats", "--db", url],
        ["stats", "compact", "--db", url],
        ["dashboard", "--open", "--db", url],
        ["doctor", url],
    ):
        assert main(command) == 2
    monkeypatch.setenv("DETECTOR_STORE", url)
    for command in (["config"], ["config", "--json"]):
        assert main(command) in (0, 2)
    found = capsys.readouterr()
    silent(found.out + found.err)
    assert found.err.count("\n") >= 4


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://me:pw@h1:1,h2:2/db?a=b", "postgresql://me@h1:1,h2:2/db"),
        ("postgresql+psycopg://me:pw@[::1]:5432/db", "postgresql+psycopg://me@[::1]:5432/db"),
        ("redis://:pw@host:6379/0", "redis://@host:6379/0"),
        ("redis://host:6379/0?password=pw", "redis://host:6379/0"),
        ("redis://me:p@w@host", "redis://…"),
        ("rediss://me:12?x@host", "rediss://…"),
        ("host=h password=pw user=me", "host=h password=… user=me"),
        ("/srv/me@site/counts.sqlite", "/srv/me@site/counts.sqlite"),
        ("sqlite:////srv/me@site/counts.sqlite", "sqlite:////srv/me@site/counts.sqlite"),
        ("C:\\counts.sqlite", "C:\\counts.sqlite"),
    ],
)
def test_shown(url: str, shown: str) -> None:
    """Public parts stay readable, and possible parts of a password do not."""
    assert masked(url) == shown


def test_escaped_signs_are_asked_for() -> None:
    """A password with reserved characters is refused with their escapes."""
    with pytest.raises(ValueError, match="%40 %2F %23 %3F"):
        open_store("redis://me:pw/d@127.0.0.1/0")
    with pytest.raises(ValueError, match="%40 %2F %23 %3F"):
        open_store("postgresql://me:p@w@127.0.0.1/db")


def test_messages() -> None:
    """A driver's message stays readable, without the quoted parts of a password."""
    url = "postgresql://me:ab@cdef/db"
    assert scrubbed('invalid port "x"; no host "h"', url) == 'invalid port "x"; no host "h"'
    assert scrubbed('no host "a", "ab"', "postgresql://me:ab@h/db") == 'no host "…", "…"'
