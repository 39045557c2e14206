"""Annotations in Redis: one hash for all sites, whose fields are their names."""

from __future__ import annotations

import json
from collections.abc import Iterable

from detector.core.counting.annotations import Annotation
from detector.core.errors import StoreError
from detector.stores.redis.connection import RedisServer
from detector.stores.redis.keys import ANNOTATIONS


class RedisAnnotations(RedisServer):
    """The part of a server that holds annotations; see `Annotated`."""

    def annotations(self) -> list[Annotation]:
        """Return all, the earliest first."""
        with self._using() as client:
            found = [Annotation(*json.loads(text)) for text in client.hvals(ANNOTATIONS)]
        return sorted(found, key=lambda one: (one.at, one.name))

    def annotate(self, annotation: Annotation) -> None:
        """Keep one; nothing happens where its name is known."""
        self._check_writable()
        with self._using() as client:
            client.hsetnx(ANNOTATIONS, annotation.name, json.dumps(annotation))

    def remove_annotations(self, names: Iterable[str]) -> None:
        """Remove those with these names."""
        self._check_writable()
        if found := list(names):
            with self._using() as client:
                client.hdel(ANNOTATIONS, *found)

    def _check_writable(self) -> None:
        if self._readonly:
            raise StoreError(f"option store: {self.name} was opened read-only")
