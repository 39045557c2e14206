"""What a browser would refuse under a page's Content-Security-Policy (CSP Level 3)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from detector.page.csp import TRUSTED

_NONCE = re.compile(r"'nonce-[^']+'", re.IGNORECASE)
_HASH = re.compile(r"'sha(256|384|512)-", re.IGNORECASE)
_HOST = re.compile(
    r"(?:([a-z][a-z0-9+.-]*)://)?(\*|(?:\*\.)?[\w.-]+|\[[0-9a-f:]+\])(?::(\*|[0-9]+))?(/.*)?"
)
_PORTS = {"http": 80, "https": 443}
_FALLBACK = {
    "script": ("script-src-elem", "script-src", "default-src"),
    "fetch": ("connect-src", "default-src"),
    "image": ("img-src", "default-src"),
}


@dataclass(frozen=True, slots=True)
class Policy:
    """One enforced policy, by directive."""

    directives: dict[str, list[str]] = field(default_factory=dict)

    def governing(self, kind: str) -> tuple[str, list[str]] | None:
        """Give the directive that decides about script, fetch or image; None when none does."""
        for name in _FALLBACK[kind]:
            if name in self.directives:
                return name, self.directives[name]
        return None

    def loads(self, kind: str, url: str, page: str, nonce: str = "", made: bool = False) -> bool:
        """Say whether `url` may load; `made` says that a script that runs asks for it."""
        found = self.governing(kind)
        if found is None:
            return True
        sources = found[1]
        if kind == "script":
            if nonce and f"'nonce-{nonce}'" in sources:
                return True
            if "'strict-dynamic'" in sources:
                return made
        return any(_matches(source, url, page) for source in sources)

    def runs_inline(self, nonce: str = "") -> bool:
        """Say whether an inline script runs; one allowed by its hash is not known to us."""
        found = self.governing("script")
        if found is None:
            return True
        sources = found[1]
        if nonce and f"'nonce-{nonce}'" in sources:
            return True
        pinned = any(_NONCE.match(s) or _HASH.match(s) for s in sources)
        return "'unsafe-inline'" in sources and not pinned and "'strict-dynamic'" not in sources

    @property
    def names_trusted_types(self) -> bool:
        """Say whether policy names are limited to others than ours."""
        names = self.directives.get("trusted-types")
        return names is not None and not {TRUSTED, "*"} & set(names)

    @property
    def requires_trusted_types(self) -> bool:
        """Say whether scripts may only be named through a policy."""
        return "'script'" in self.directives.get("require-trusted-types-for", [])

    @property
    def boxed(self) -> bool:
        """Say whether a sandbox keeps scripts, or the page's own origin, from it."""
        flags = self.directives.get("sandbox")
        return flags is not None and not {"allow-scripts", "allow-same-origin"} <= set(flags)


def read(values: Iterable[str]) -> list[Policy]:
    """Read headers or meta elements; a header may hold several policies, commas between them."""
    found = []
    for text in (part for value in values for part in value.split(",")):
        directives: dict[str, list[str]] = {}
        for part in text.split(";"):
            name, *sources = part.split() or [""]
            kept = [s if s[:7].lower() == "'nonce-" else s.lower() for s in sources]
            if name:
                directives.setdefault(name.lower(), kept)
        if directives:
            found.append(Policy(directives))
    return found


def _matches(source: str, url: str, page: str) -> bool:
    there, here = urlsplit(url), urlsplit(page)
    if source == "*":
        return there.scheme in _PORTS
    if source == "'self'":
        source = f"{here.scheme}://{here.netloc.rpartition('@')[2].lower()}"
    if re.fullmatch(r"[a-z][a-z0-9+.-]*:", source):
        return _scheme_fits(source[:-1], there.scheme)
    wanted = _HOST.fullmatch(source)
    if not wanted:
        return False
    scheme, host, port, path = wanted.groups("")
    name = there.hostname or ""
    if not _scheme_fits(scheme or here.scheme, there.scheme):
        return False
    if host != "*" and not (name.endswith(host[1:]) if host[:2] == "*." else name == host):
        return False
    if port != "*":
        # A source for http counts for https too, each with its own usual port.
        usual = _PORTS.get(there.scheme)
        ports = {int(port)} if port else {usual}
        if port == "80" and there.scheme == "https":
            ports.add(443)
        if (there.port or usual) not in ports:
            return False
    return not path or (there.path.startswith(path) if path[-1] == "/" else there.path == path)


def _scheme_fits(wanted: str, given: str) -> bool:
    return wanted == given or (wanted, given) == ("http", "https")
