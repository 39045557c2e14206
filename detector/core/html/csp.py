"""What a response's Content-Security-Policy allows the tag to do."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

_NONCE = re.compile(r"'nonce-([A-Za-z0-9+/_-]+={0,2})'", re.IGNORECASE)
_VALUE = re.compile(r"[A-Za-z0-9+/_-]+={0,2}")
_HASH = re.compile(r"'sha(256|384|512)-", re.IGNORECASE)


class CspPermissions(NamedTuple):
    """The tag's permissions: its nonce, whether the inline line runs and the script loads."""

    nonce: str = ""
    inline: bool = True
    script: bool = True


# The Trusted Types policy with which our script loads its further scripts.
TRUSTED = "ads"


def read(
    policies: Sequence[str], report_only: Sequence[str] = (), wanted: str = ""
) -> CspPermissions:
    """Combine all enforced policies; without any, use the nonce of a report-only one.

    `wanted` is the framework's nonce. It is used where the policies contain it, or where there is
    no policy yet, since an outer layer may add one. A host source other than 'self' counts as
    permission to load: it may be the site's own. Where Trusted Types allow only other policy names
    than ours, the script could only fail.
    """
    wanted = wanted if _VALUE.fullmatch(wanted) else ""
    if not policies and not report_only:
        return CspPermissions(wanted)
    if any(_distrusts(policy) for value in policies for policy in value.split(",")):
        return CspPermissions(script=False)
    enforced = _sources_of(policies)
    if not enforced:
        known = [n for sources in _sources_of(report_only) for n in _nonces(sources)]
        nonce = wanted if wanted in known or not known else known[0]
        return CspPermissions(nonce)
    nonce = _shared([_nonces(sources) for sources in enforced], wanted)
    inline = script = True
    for sources in enforced:
        known = _nonces(sources)
        ours = bool(nonce) and nonce in known
        strict = "'strict-dynamic'" in sources
        pinned = bool(known) or strict or any(_HASH.match(s) for s in sources)
        inline = inline and (ours or ("'unsafe-inline'" in sources and not pinned))
        loads = not strict and any(s == "'self'" or s[:1] != "'" for s in sources)
        script = script and (ours or loads)
    return CspPermissions(nonce, inline, script)


def _shared(lists: list[list[str]], wanted: str) -> str:
    """Return the nonce for the tag: one that all policies share, preferably `wanted`.

    Else the first nonce of the first policy.
    """
    lists = [known for known in lists if known]
    every = [n for n in (lists[0] if lists else ()) if all(n in known for known in lists)]
    if wanted in every:
        return wanted
    return next(iter(every or (lists[0] if lists else ())), "")


def _nonces(sources: list[str]) -> list[str]:
    return [found[1] for source in sources if (found := _NONCE.fullmatch(source))]


def _sources_of(values: Iterable[str]) -> list[list[str]]:
    """Return the script sources of each policy that restricts scripts."""
    policies = (policy for value in values for policy in value.split(","))
    return [found for policy in policies if (found := _script_sources(policy)) is not None]


def _distrusts(policy: str) -> bool:
    names = _directives(policy).get("trusted-types")
    return names is not None and not {TRUSTED, "*"} & set(names)


def _script_sources(policy: str) -> list[str] | None:
    directives = _directives(policy)
    for name in ("script-src-elem", "script-src", "default-src"):
        if name in directives:
            return directives[name]
    return None


def _directives(policy: str) -> dict[str, list[str]]:
    directives: dict[str, list[str]] = {}
    for part in policy.split(";"):
        name, *sources = part.split() or [""]
        # A nonce is case-sensitive, keywords are not; the first of duplicate directives counts.
        kept = [s if s[:7].lower() == "'nonce-" else s.lower() for s in sources]
        directives.setdefault(name.lower(), kept)
    return directives
