"""Connects to a ClickHouse server, and explains its errors without a password."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from urllib.parse import SplitResult, unquote, urlsplit

import clickhouse_connect
from clickhouse_connect import common
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError, OperationalError

from detector.warehouse.target import ExportError

PASSWORD = "CLICKHOUSE_PASSWORD"
"""The environment's variable that holds the password."""
EXAMPLE = "https://user@host:8443/database"
_LONGEST = 400
_SHORT = 3
_SIGN_IN = f"check the user in --into, and the password in {PASSWORD} or --password-file"
_FIXES = {
    **dict.fromkeys((192, 193, 194, 516), _SIGN_IN),
    497: "grant the user SELECT, INSERT, CREATE TABLE, CREATE VIEW and ALTER DELETE there",
    81: "create the database, or name another one (--into)",
    243: "make room, then run this again: days that are written stay",
}
"""By the codes of ClickHouse's errors (src/Common/ErrorCodes.cpp)."""


def connect(url: str, password: str) -> tuple[Client, str]:
    """Return a connection, and the server's name for messages; ExportError for a bad URL too."""
    parts = _parts(url)
    name = f"{parts.scheme}://{parts.hostname}{f':{parts.port}' if parts.port else ''}{parts.path}"
    # Neither the name of this machine's user nor other libraries are the server's business.
    common.set_setting("send_os_user", False)
    common.set_setting("send_integration_tags", False)
    # Its log repeats an error, as a traceback where nobody has configured logging.
    logging.getLogger("clickhouse_connect").addHandler(logging.NullHandler())
    with explained(name, password):
        client = clickhouse_connect.get_client(
            interface=parts.scheme,
            host=parts.hostname,
            port=parts.port or 0,
            username=unquote(parts.username or "default"),
            password=password,
            database=unquote(parts.path.strip("/")) or "default",
            client_name="detector",
            connect_timeout=10,
            send_receive_timeout=300,
            autogenerate_session_id=False,
            show_clickhouse_errors="scrub",
        )
    return client, name


@contextlib.contextmanager
def explained(name: str, password: str) -> Iterator[None]:
    """Raise errors of the client as ExportError, with the fix and without the password."""
    try:
        yield
    except ClickHouseError as error:
        code = getattr(error, "code", None)
        away = isinstance(error, OperationalError)
        fix = "is the server running, and is --into correct?" if away else "see the server's log"
        text = " ".join(str(error).split())
        # Replaced before it is cut, so that no part of it stays.
        if len(password) >= _SHORT:
            text = text.replace(password, "…")
        text = text[:_LONGEST]
        raise ExportError(f"{name} cannot be used: {text}; {_FIXES.get(code or 0, fix)}") from None


def _parts(url: str) -> SplitResult:
    wrong = ExportError(f"--into: it is no URL of a ClickHouse database: write {EXAMPLE}")
    try:
        parts = urlsplit(url)
    except ValueError:
        raise wrong from None
    # Behind / # or ? a password's rest is none to urlsplit.
    if parts.password is not None or "@" in parts.path + parts.query + parts.fragment:
        raise ExportError(
            "--into: a URL with a password is seen by everybody on this machine: leave it out, and "
            f"put it into {PASSWORD} or a file (--password-file)"
        )
    try:
        names_one = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        raise wrong from None
    if not names_one or parts.query or parts.fragment or "/" in parts.path.strip("/"):
        raise wrong
    return parts
