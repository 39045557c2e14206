"""Filter lists compiled by Brave's engine, cached on disk for later starts.

The key of a cached engine is made of the lists' bytes and the versions of engine and format.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from detector.testing.blockers.lists import FilterList, put
from detector.testing.blockers.model import BlockerError
from detector.testing.browsers import BrowserMissing

_FORMAT = "1"
_SPARED = re.compile(
    r"^@@(?:\|\||:\/\/)([a-z0-9.-]+)[\^/:]?[^$\n]*\$(?:[^\n]*,)?(?:generichide|ghide|elemhide|ehide)\b",
    re.M,
)
_LOCAL = re.compile(r"localhost|127\.|192\.168\.|10\.0\.0\.|\[")
# The engine's names for what Playwright calls otherwise.
KINDS = {"xhr": "xmlhttprequest", "fetch": "xmlhttprequest", "ping": "beacon"}


class Compiled:
    """Compiled lists that can be queried."""

    def __init__(self, engine: Any, spared: Sequence[str]) -> None:
        self._engine = engine
        self._spared = frozenset(spared)

    def blocks(self, url: str, page: str, kind: str) -> bool:
        """Whether a page's request is blocked; `kind` is Playwright's resource type."""
        found = self._engine.check_network_urls(url, page, KINDS.get(kind, kind))
        return bool((found.matched and not found.exception) or found.redirect)

    def own_sheet(self, url: str) -> str:
        """Return the style sheet that applies to a page whatever elements it has."""
        return _sheet(self._engine.url_cosmetic_resources(url).hide_selectors)

    def sheet(self, url: str, classes: list[str], ids: list[str]) -> str:
        """Return the style sheet that hides some of a page's elements by class or id.

        Lists switch generic hiding off on some sites, and on addresses of this machine.
        """
        host = urlsplit(url).hostname or ""
        if _LOCAL.match(host) or any(parent in self._spared for parent in _parents(host)):
            return ""
        exceptions = self._engine.url_cosmetic_resources(url).exceptions
        return _sheet(self._engine.hidden_class_id_selectors(classes, ids, exceptions))


def _parents(host: str) -> list[str]:
    labels = host.split(".")
    return [".".join(labels[first:]) for first in range(len(labels))]


def _sheet(selectors: Sequence[str] | set[str]) -> str:
    # One rule each: a selector that the browser does not know invalidates its own rule only.
    return "\n".join(f"{one}{{display:none!important}}" for one in sorted(selectors))


def adblock() -> Any:
    """Return the engine's module, or raise `BrowserMissing` with the command that installs it."""
    try:
        import adblock
    except ImportError:
        raise BrowserMissing(
            "the engine for filter lists is missing: pip install 'adblock-detector[qa]'"
        ) from None
    return adblock


def compiled(lists: Sequence[FilterList], cache: Path) -> Compiled:
    """Return the compiled lists, from the cache if they were compiled before."""
    module = adblock()
    key = hashlib.sha256(f"{_FORMAT} {module.__version__}".encode())
    for one in lists:
        key.update(hashlib.sha256(one.data).digest())
    path = cache / "engines" / key.hexdigest()[:32]
    return _kept(module, path) or _made(module, lists, path)


def _kept(module: Any, path: Path) -> Compiled | None:
    try:
        head, _, body = path.read_bytes().partition(b"\n")
        engine = module.Engine(module.FilterSet())
        engine.deserialize(body)
        return Compiled(engine, json.loads(head))
    except (OSError, ValueError, module.AdblockException):
        return None


def _made(module: Any, lists: Sequence[FilterList], path: Path) -> Compiled:
    filters = module.FilterSet()
    spared: set[str] = set()
    for one in lists:
        text = one.text()
        filters.add_filter_list(text)
        spared.update(_SPARED.findall(text))
    engine = module.Engine(filters)
    hosts = sorted(spared)
    try:
        put(path, json.dumps(hosts).encode() + b"\n" + engine.serialize())
    except OSError as error:
        raise BlockerError(
            f"{path.parent}: the compiled lists cannot be cached there ({error.strerror}); make "
            "the folder writable, or name another with XDG_CACHE_HOME"
        ) from None
    return Compiled(engine, hosts)
