"""Writes to Redis whose end was lost."""

from __future__ import annotations

from typing import Any

import pytest
import redis as driver

from detector.core.counting.dimensions import Key
from detector.core.counting.store import Event
from detector.core.errors import StoreError
from detector.stores.redis import writing
from detector.stores.redis.store import RedisStore
from tests.stores.conftest import empty
from tests.support.servers import Server

VIEW: Key = (480_000, "site", "all", "", "", "view")
REPEAT: Key = (480_000, "site", "all", "", "", "refused")
REPORTS = {(20).to_bytes(4, "big") + b"view": Event((VIEW,), (REPEAT,))}


@pytest.mark.parametrize(
    "error",
    [driver.ConnectionError("closed"), driver.ResponseError("NOPERM"), TypeError(), MemoryError()],
    ids=repr,
)
@pytest.mark.parametrize("kind", ["rows", "reports"])
def test_lost_after_the_script(
    redis: Server, monkeypatch: pytest.MonkeyPatch, kind: str, error: Exception
) -> None:
    """Whatever fails right after the server has counted: a retry counts nothing twice."""
    empty(redis)
    store = RedisStore(redis.url)

    def add() -> None:
        batch = ("writer", 1)
        store.add({VIEW: 1}, batch) if kind == "rows" else store.add_reports(REPORTS, batch)

    def lost(*_: Any) -> None:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(writing, "tell", lost)
        with pytest.raises(StoreError, match="cannot be used") as caught:
            add()
    assert caught.value.doubtful
    add()
    assert dict(store.rows()) == {VIEW: 1}
    store.close()
