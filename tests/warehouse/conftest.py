"""Fixtures: an empty store of each kind, with its real server."""

from __future__ import annotations

from tests.stores.conftest import cluster, postgres, redis, store, url

__all__ = ["cluster", "postgres", "redis", "store", "url"]
