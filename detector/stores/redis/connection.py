"""A store's connection to Redis, one server or a cluster: opens it, and explains its errors."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisClusterException
from redis.retry import Retry

from detector.core.counting.masking import masked, scrubbed
from detector.core.errors import StoreError
from detector.stores.connection import ConnectedToServer

LOST = (redis.ConnectionError, redis.TimeoutError, RedisClusterException)
"""The answer was lost; the command may have been executed."""


class RedisServer(ConnectedToServer):
    """An open server; safe to use from threads, and around a fork."""

    def __init__(self, url: str, *, readonly: bool, timeout: float) -> None:
        """`url` begins with redis+cluster:// for a cluster; `timeout` is in seconds per answer."""
        super().__init__()
        self.name = masked(url)
        self._url = url
        self._readonly = readonly
        self._timeout = timeout
        self._client: Any = None
        self._checked: set[str] = set()

    @contextlib.contextmanager
    def _using(self) -> Iterator[Any]:
        """Yield the client; any error closes its connections."""
        with self._lock:
            try:
                yield self._open()
            except (redis.RedisError, RedisClusterException, ValueError) as error:
                self._drop()
                raise self._failed(error) from None
            except BaseException:
                self._drop()
                raise

    def _open(self) -> Any:
        if self._client is None:
            options: dict[str, Any] = {
                "decode_responses": True,
                "socket_timeout": self._timeout,
                "socket_connect_timeout": self._timeout,
                "socket_keepalive": True,
                # A retry must use the same batch, so only the flusher retries.
                "retry": Retry(NoBackoff(), 0),
            }
            scheme, _, rest = self._url.partition("://")
            if scheme.endswith("+cluster"):
                url = f"{scheme.removesuffix('+cluster')}://{rest}"
                self._client = redis.RedisCluster.from_url(url, **options)
            else:
                self._client = redis.Redis.from_url(self._url, **options)
        return self._client

    def _drop(self) -> None:
        client, self._client = self._client, None
        self._checked.clear()
        if client is not None:
            with contextlib.suppress(redis.RedisError, OSError):
                if isinstance(client, redis.RedisCluster):
                    client.disconnect_connection_pools()  # type: ignore[no-untyped-call]
                client.close()

    def _abandon(self) -> Any:
        client, self._client = self._client, None
        self._checked.clear()
        return client

    def _failed(self, error: Exception, *, doubtful: bool = False) -> StoreError:
        """Return the error to raise, without the driver's own, which may contain the password."""
        text = " ".join(scrubbed(str(error), self._url).split()) or type(error).__name__
        hint = "check the option store (on the command line --db)"
        if isinstance(error, redis.AuthenticationError):
            hint = "check user and password in the option store"
        elif isinstance(error, LOST):
            hint = "is the server running, and is the option store correct?"
        elif "maxmemory" in text:
            hint = "increase maxmemory, and set maxmemory-policy noeviction"
        found = f"option store: {self.name} cannot be used: {text}; {hint}"
        return StoreError(found, doubtful=doubtful)
