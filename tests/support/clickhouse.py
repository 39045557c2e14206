"""ClickHouse's own engine, within a process (chdb)."""

from __future__ import annotations

import importlib.util

import clickhouse_connect
from clickhouse_connect.driver.client import Client

from detector.testing.machine import missing


def is_installed() -> None:
    """Skip the test where the engine is not installed, or fail it where CI is set."""
    if importlib.util.find_spec("chdb") is None:
        missing("chdb is missing: CI=true scripts/setup")


def engine() -> Client:
    """Return a connection to an engine in memory, of which a process has one."""
    is_installed()
    return clickhouse_connect.get_client(interface="chdb")
