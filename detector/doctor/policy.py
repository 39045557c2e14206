"""What a Content-Security-Policy allows the browser to do (Content Security Policy Level 3)."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable
from textwrap import shorten
from urllib.parse import unquote, urlsplit

from detector.doctor.reach import origin

_CHAIN = {
    "script-src": ("script-src-elem", "script-src", "default-src"),
    "connect-src": ("connect-src", "default-src"),
    "img-src": ("img-src", "default-src"),
}
_KEYED = re.compile(r"'(nonce|sha256|sha384|sha512)-", re.IGNORECASE)
_HOST = re.compile(
    r"(?:(?P<scheme>[a-z][a-z0-9+.-]*)://)?(?P<host>\*|(?:\*\.)?[a-z0-9_.-]+|\[[0-9a-f:.]+\])"
    r"(?::(?P<port>\d+|\*))?(?P<path>/[^?#]*)?"
)


class Policy:
    """One policy, of a header or of a page's own `<meta>`."""

    def __init__(self, text: str) -> None:
        self._directives: dict[str, list[str]] = {}
        for part in text.split(";"):
            name, *values = part.split() or [""]
            # The first of two directives with the same name counts.
            self._directives.setdefault(name.lower(), values)

    def directive(self, purpose: str) -> str:
        """Return the directive that decides on `purpose`, as written; empty when none does."""
        name, values = self._deciding(purpose)
        return shorten(" ".join([name, *values]), 160, placeholder=" ...")

    def loads(
        self, purpose: str, url: str, page: str, nonce: str = "", by_us: bool = False
    ) -> bool:
        """Whether a page may load `url` for `purpose`: script-src, connect-src or img-src.

        `by_us` means that our script, which runs already, adds the element.
        """
        name, values = self._deciding(purpose)
        if not name:
            return True
        if purpose == "script-src":
            if nonce and f"'nonce-{nonce}'" in values:
                return True
            if "'strict-dynamic'" in map(str.lower, values):
                return by_us
        return any(_source(value, url, page) for value in values)

    def inline(self, text: str, nonce: str) -> bool:
        """Whether an inline script of this text may run."""
        name, values = self._deciding("script-src")
        if not name or (nonce and f"'nonce-{nonce}'" in values):
            return True
        digests = (
            f"'{kind}-{base64.b64encode(hashlib.new(kind, text.encode()).digest()).decode()}'"
            for kind in ("sha256", "sha384", "sha512")
        )
        if any(digest in values for digest in digests):
            return True
        lower = [value.lower() for value in values]
        pinned = "'strict-dynamic'" in lower or any(_KEYED.match(value) for value in values)
        return "'unsafe-inline'" in lower and not pinned

    @property
    def nonces(self) -> list[str]:
        """Return the nonces that allow scripts to run."""
        _, values = self._deciding("script-src")
        return [v[7:-1] for v in values if v.lower().startswith("'nonce-") and v.endswith("'")]

    @property
    def sandboxed(self) -> bool:
        """Whether a sandbox keeps scripts from running or removes the page's origin."""
        values = self._directives.get("sandbox")
        return values is not None and not {"allow-scripts", "allow-same-origin"} <= {*values}

    @property
    def trusted_types(self) -> list[str] | None:
        """Return the policy names that scripts may use, where Trusted Types are required.

        None if they are not; `*` means every name.
        """
        if "'script'" not in self._directives.get("require-trusted-types-for", ()):
            return None
        return self._directives.get("trusted-types", ["*"])

    def _deciding(self, purpose: str) -> tuple[str, list[str]]:
        for name in _CHAIN[purpose]:
            if name in self._directives:
                return name, self._directives[name]
        return "", []


def read(values: Iterable[str]) -> list[Policy]:
    """Parse policies; one header may contain several, separated by commas."""
    return [Policy(text) for value in values for text in value.split(",") if text.strip()]


def _source(source: str, url: str, page: str) -> bool:
    """Whether a source expression covers an address."""
    source = source.lower() if "/" not in source.partition("://")[2] else source
    if source == "'self'":
        return _upgraded(origin(url), origin(page))
    scheme, host, port = origin(url)
    if source == "*":
        return scheme in ("http", "https")
    if re.fullmatch(r"[a-z][a-z0-9+.-]*:", source):
        return source[:-1] == scheme or (source, scheme) == ("http:", "https")
    match = _HOST.fullmatch(source)
    if not match or source.startswith("'"):
        return False
    wanted = match["scheme"] or origin(page)[0]
    if scheme != wanted and (wanted, scheme) != ("http", "https"):
        return False
    if not _host(match["host"], host):
        return False
    default = 443 if scheme == "https" else 80
    given = match["port"]
    if given != "*" and port != int(given or default) and (given, port) != ("80", 443):
        return False
    return _path(match["path"] or "", urlsplit(url).path)


def _upgraded(one: tuple[str, str, int], own: tuple[str, str, int]) -> bool:
    return one == own or (one == ("https", own[1], 443) and own[::2] == ("http", 80))


def _host(pattern: str, host: str) -> bool:
    pattern = pattern.lower().strip("[]")
    if pattern == "*":
        return True
    return host.endswith(pattern[1:]) if pattern.startswith("*.") else host == pattern


def _path(pattern: str, path: str) -> bool:
    pattern, path = unquote(pattern), unquote(path)
    if pattern in ("", "/"):
        return True
    return path.startswith(pattern) if pattern.endswith("/") else path == pattern
