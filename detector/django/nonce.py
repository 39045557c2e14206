"""The nonce of a page whose policy is written by Django's own middleware or by django-csp.

Both create a nonce only if it is read before the policy is written. This module reads it, or adds
it to the policy just written, where the owner's policy has a place for it and nothing is lost: a
nonce disables 'unsafe-inline', so a policy that depends on that is left unchanged.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from detector.core.html import csp
from detector.core.html.headers import Headers, all_of

NAMES = ("content-security-policy", "content-security-policy-report-only")
# Placeholder for a nonce that does not exist yet.
_TRIAL = "b" * 22
_PINS = re.compile(r"'(nonce|sha256|sha384|sha512)-")


@dataclass(frozen=True, slots=True)
class _Writer:
    """The middleware that writes the policy: what it will write, and the request's nonce.

    `made` is the existing nonce or "", `make` creates one.
    """

    build: Callable[[bool, str], str]
    made: str
    make: Callable[[], str]


def may_be_had(request: HttpRequest) -> bool:
    """Whether some middleware can provide a nonce for this request."""
    return hasattr(request, "csp_nonce") or hasattr(request, "_csp_nonce")


def permissions_of(policies: Headers) -> csp.CspPermissions:
    """Return what the policies among some headers allow the tag to do."""
    enforced, reported = (all_of(policies, name) for name in NAMES)
    return csp.read(enforced, reported)


def settle(request: HttpRequest, response: HttpResponseBase | None) -> tuple[Headers, Headers]:
    """Return the policies that the page will have, and those of them to be set on the response.

    `response` is None while it is still being rendered.
    """
    written = {name: response.get(name) for name in NAMES} if response is not None else {}
    writer = _writer(request, response)
    if writer is None:
        policies = [(name, value) for name, value in written.items() if value]
        own = getattr(request, "csp_nonce", None)
        if type(own) is str and not policies:
            # The site's own middleware, further out: only the nonce shows what it will write.
            policies = [(NAMES[0], f"script-src 'nonce-{own}'")]
        return policies, []
    nonce = writer.made or _TRIAL
    as_is: Headers = []
    wished: Headers = []
    changed: list[tuple[str, str]] = []
    for name in NAMES:
        without, full = (writer.build(name == NAMES[1], value) for value in ("", nonce))
        found = written.get(name)
        ready = full if writer.made else without
        as_is.append((name, ready if found is None else found))
        # A policy unlike the writer's comes from elsewhere, or has its nonce already.
        stale = not writer.made if found is None else _same(found, without)
        wished.append((name, full if stale else as_is[-1][1]))
        if stale and full != without:
            changed.append((name, full))
    if not changed or any(_takes_away(full, nonce) for _, full in changed):
        return _kept(as_is), []
    before, after = permissions_of(as_is), permissions_of(wished)
    if after == before or after.nonce != nonce:
        return _kept(as_is), []
    real = writer.made or writer.make()
    fill = [(name, text.replace(f"'nonce-{nonce}'", f"'nonce-{real}'")) for name, text in wished]
    return _kept(fill), [(n, text) for n, text in fill if written.get(n) not in (None, text)]


def _kept(policies: Headers) -> Headers:
    return [(name, value) for name, value in policies if value]


def _same(one: str, other: str) -> bool:
    """Whether two policies are equal; the order of directives is irrelevant."""
    return _parts(one) == _parts(other)


def _parts(policy: str) -> set[str]:
    return {part.strip() for part in policy.split(";") if part.strip()}


def _takes_away(policy: str, nonce: str) -> bool:
    """Whether a nonce would disable an 'unsafe-inline' that nothing else disables.

    A nonce, a hash, and for scripts 'strict-dynamic' disable it (CSP level 3, 6.7.3.2).
    """
    for part in policy.split(";"):
        name, *sources = part.split() or [""]
        others = {source.lower() for source in sources if source != f"'nonce-{nonce}'"}
        if f"'nonce-{nonce}'" not in sources or "'unsafe-inline'" not in others:
            continue
        strict = name.lower().startswith("script-src") and "'strict-dynamic'" in others
        if not strict and not any(_PINS.match(source) for source in others):
            return True
    return False


def _writer(request: HttpRequest, response: HttpResponseBase | None) -> _Writer | None:
    if hasattr(request, "csp_nonce"):
        build = _django_csp() if type(request.csp_nonce) is not str else None
        return _of_django_csp(build, request, response) if build else None
    build = _django()
    return _of_django(build, request, response) if build else None


def _of_django(build: Any, request: HttpRequest, response: HttpResponseBase | None) -> _Writer:
    def policy(report_only: bool, nonce: str) -> str:
        name = "SECURE_CSP_REPORT_ONLY" if report_only else "SECURE_CSP"
        own = "_csp_ro_config" if report_only else "_csp_config"
        config = getattr(response, own, getattr(settings, name))
        return str(build(config, nonce)) if config else ""

    lazy = request._csp_nonce
    return _Writer(policy, str(lazy) if lazy else "", lambda: str(lazy))


def _of_django_csp(build: Any, request: HttpRequest, response: HttpResponseBase | None) -> _Writer:
    def policy(report_only: bool, nonce: str) -> str:
        end = "_ro" if report_only else ""
        parts = [getattr(response, f"_csp_{p}{end}", None) for p in ("config", "update", "replace")]
        return str(build(*parts, nonce, report_only))

    def make() -> str:
        try:
            return str(request.csp_nonce)
        except Exception:  # after writing its policy it no longer provides a nonce
            return secrets.token_urlsafe(16)

    made = getattr(request, "_csp_nonce", None)
    return _Writer(policy, made if isinstance(made, str) else "", make)


@lru_cache(maxsize=1)
def _django() -> Any:
    """Return the function that builds Django's own policies, from 6.0 on."""
    try:
        from django.utils.csp import build_policy
    except ImportError:
        return None
    return build_policy


@lru_cache(maxsize=1)
def _django_csp() -> Any:
    """Return the function that builds django-csp's policies, from 4.0 on."""
    try:
        from csp.constants import NONCE  # noqa: F401  # new in 4.0; 3.x has other arguments
        from csp.utils import build_policy
    except ImportError:
        return None
    return build_policy
