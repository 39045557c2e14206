"""What a response's Content-Security-Policy lets the tag do."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_NONCE = re.compile(r"'nonce-([A-Za-z0-9+/_-]+={0,2})'", re.IGNORECASE)
_HASH = re.compile(r"'sha(256|384|512)-", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Leave:
    """What the tag may be: its nonce, whether the inline line runs, whether the script loads."""

    nonce: str = ""
    inline: bool = True
    script: bool = True


_FREE = Leave()
# The name of the policy by which our script names its scripts under Trusted Types.
TRUSTED = "ads"


def read(policies: Iterable[str], report_only: Iterable[str] = ()) -> Leave:
    """Join every enforced policy; a nonce of a report-only one is used where none enforces.

    A host source other than 'self' is taken as a leave to load: it may be the site's own. Where
    Trusted Types are limited to other names than ours the script could only fail.
    """
    leave = _FREE
    enforced = [p for value in policies for p in value.split(",") if p.strip()]
    for policy in enforced:
        directives = _directives(policy)
        trusted = directives.get("trusted-types")
        if trusted is not None and not {TRUSTED, "*"} & set(trusted):
            return Leave(script=False)
        sources = _script_sources(directives)
        if sources is None:
            continue
        joined = " ".join(sources)
        found = _NONCE.search(joined)
        nonce = found[1] if found else ""
        if leave.nonce and nonce != leave.nonce:
            nonce = ""
        strict = "'strict-dynamic'" in sources
        pinned = bool(nonce) or strict or bool(_HASH.search(joined)) or bool(found)
        inline = bool(nonce) or ("'unsafe-inline'" in sources and not pinned)
        loads = bool(nonce) or (not strict and any(not s.startswith("'") for s in sources))
        loads = loads or (not strict and "'self'" in sources)
        leave = Leave(nonce or leave.nonce, leave.inline and inline, leave.script and loads)
    if not enforced:
        for policy in (p for value in report_only for p in value.split(",")):
            found = _NONCE.search(" ".join(_script_sources(_directives(policy)) or ()))
            if found:
                return Leave(found[1])
    return leave


def _directives(policy: str) -> dict[str, list[str]]:
    directives: dict[str, list[str]] = {}
    for part in policy.split(";"):
        name, *sources = part.split() or [""]
        # A nonce is case-sensitive, keywords are not; the first of two directives counts.
        kept = [s if s[:7].lower() == "'nonce-" else s.lower() for s in sources]
        directives.setdefault(name.lower(), kept)
    return directives


def _script_sources(directives: dict[str, list[str]]) -> list[str] | None:
    for name in ("script-src-elem", "script-src", "default-src"):
        if name in directives:
            return directives[name]
    return None
