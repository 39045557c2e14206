"""Request headers as WSGI has them (PEP 3333), and Django in `request.META`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any


class EnvironHeaders:
    """Request headers by lower-case name, read lazily from an environ."""

    __slots__ = ("_environ",)

    def __init__(self, environ: Mapping[str, Any]) -> None:
        self._environ = environ

    def get(self, name: str, /) -> str | None:
        """Return a header's value, or None."""
        return self._environ.get(_variable(name))


@lru_cache(maxsize=256)
def _variable(name: str) -> str:
    return "HTTP_" + name.upper().replace("-", "_")
