"""How errors of a ClickHouse server are explained."""

from __future__ import annotations

import pytest
from clickhouse_connect.driver.exceptions import DatabaseError, OperationalError

from detector.warehouse.clickhouse_server import explained
from detector.warehouse.target import ExportError


def told(error: Exception, password: str = "") -> str:
    """Return the text of an error."""
    with pytest.raises(ExportError) as found, explained("server", password):
        raise error
    return str(found.value)


@pytest.mark.parametrize(
    ("code", "fix"),
    [
        (193, "check the user in --into, and the password in CLICKHOUSE_PASSWORD or"),
        (516, "check the user in --into, and the password in CLICKHOUSE_PASSWORD or"),
        (497, "grant the user SELECT, INSERT, CREATE TABLE, CREATE VIEW and ALTER DELETE there"),
        (81, "create the database, or name another one (--into)"),
        (243, "make room, then run this again: days that are written stay"),
        (241, "see the server's log"),
    ],
)
def test_fixes(code: int, fix: str) -> None:
    """Each error that an owner can mend says how."""
    assert told(DatabaseError("it failed", code=code)).startswith(
        f"server cannot be used: it failed; {fix}"
    )


def test_no_password() -> None:
    """A message that repeats the password is shown without it, in one short line."""
    found = told(OperationalError("bad\nheader 'hunter2' " + "x" * 9999), "hunter2")
    assert found.startswith("server cannot be used: bad header '…' xxx")
    assert "hunter2" not in found
    assert len(found) < 600
    assert found.endswith("; is the server running, and is --into correct?")
