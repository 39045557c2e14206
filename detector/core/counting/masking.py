"""Masks passwords in a store's URL, and in a driver's message about it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote, unquote

HIDDEN = "…"
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_HOST = r"(?:\[[0-9A-Fa-f:.%]*\]|[^/?#@:,\[\]\s]*)(?::\d*)?"
_PLAIN = re.compile(
    rf"(?P<user>[^:/?#@\s]*)(?P<password>:[^/?#@]*)?(?P<at>@)?"
    rf"(?P<hosts>{_HOST}(?:,{_HOST})*)(?P<path>/[^?#@]*)?(?P<query>[?#][^@]*)?"
)
_BARE = re.compile(rf"(?P<hosts>{_HOST}(?:,{_HOST})*)(?P<path>/[^?#@]*)?(?:[?#][^@]*)?")
_NAME = r"\w*(?:pass|pwd|secret|token)\w*"
_VALUE = re.compile(rf"({_NAME}\s*=\s*)('(?:\\.|[^'\\])*'?|[^\s&'\"]+)", re.IGNORECASE)
_USERINFO = re.compile(r"(://[^/@:\s]*):[^\s\"']*@")
_QUOTED = re.compile(r"\"([^\"]+)\"|'([^']+)'")
_SHORT = 3
_OPEN = ("host", "port", "dbname", "db", "user", "sslmode", "ssl_cert_reqs", "connect_timeout")
"""Query parameters that may be shown; any other may be a password, or a misspelled one."""


def masked(url: str) -> str:
    """Return a URL, path or conninfo text without passwords and query, safe to show.

    Where the extent of a password is uncertain, only the scheme is left.
    """
    scheme = _SCHEME.match(url)
    if scheme is None or url.startswith("sqlite:///"):
        colon, at = url.find(":", scheme.end() if scheme else 0), url.rfind("@")
        shown = _VALUE.sub(rf"\1{HIDDEN}", url)
        return HIDDEN if -1 < colon < at else shown
    head, rest = scheme[0], url[scheme.end() :]
    if "@" not in rest:
        bare = _BARE.fullmatch(rest)
        return f"{head}{bare['hosts']}{bare['path'] or ''}" if bare else head + HIDDEN
    plain = _PLAIN.fullmatch(rest)
    if plain is None or not plain["at"]:
        return head + HIDDEN
    return f"{head}{plain['user']}@{plain['hosts']}{plain['path'] or ''}"


def scrubbed(text: str, url: str) -> str:
    """Return a message about a URL without the URL's secrets, in whatever form they appear."""
    text = text.replace(url, masked(url))
    secrets = sorted(set(_forms(url)), key=len, reverse=True)
    for secret in secrets:
        if len(secret) >= _SHORT:
            text = text.replace(secret, HIDDEN)

    def quoted(found: re.Match[str]) -> str:
        inner = found[1] or found[2]
        leaked = any(inner in secret for secret in secrets)
        return found[0].replace(inner, HIDDEN) if leaked else found[0]

    text = _QUOTED.sub(quoted, text)
    return _VALUE.sub(rf"\1{HIDDEN}", _USERINFO.sub(rf"\1:{HIDDEN}@", text))


def _forms(url: str) -> Iterator[str]:
    for secret in _secrets(url):
        for form in (secret, unquote(secret), quote(unquote(secret), safe="")):
            yield form
            # Drivers treat an unescaped delimiter as the end of a part, and print the rest.
            yield from (part for part in re.split(r"[@:/?#&=\s]", form) if len(part) >= _SHORT)


def _secrets(url: str) -> Iterator[str]:
    rest = url[scheme.end() :] if (scheme := _SCHEME.match(url)) else url
    before, _, query = rest.partition("?")
    for part in {before.rpartition("@")[0], rest.rpartition("@")[0]}:
        if password := part.partition(":")[2]:
            yield password
    if "@" not in rest and not _BARE.fullmatch(rest):
        yield before.partition(":")[2]
    for pair in re.split(r"[&#]", query):
        name, _, value = pair.partition("=")
        if name not in _OPEN:
            yield value or name
