"""A tiny Django site with policies, written by Django itself or by django-csp."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from csp.constants import NONCE
from csp.decorators import csp, csp_exempt, csp_update
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.test import Client
from django.urls import path

from detector.core.html import tag
from detector.core.html.headers import Headers
from tests.conftest import FIREFOX
from tests.support.django_site import COMMON, OURS, PAGE
from tests.support.tags import SCRIPT

try:
    from django.middleware.csp import get_nonce
    from django.utils.csp import CSP
    from django.views.decorators.csp import csp_override
except ImportError:
    CSP = None
BUILT_IN = CSP
ENFORCED, REPORTED = "Content-Security-Policy", "Content-Security-Policy-Report-Only"
SELF, INLINE, STRICT = "'self'", "'unsafe-inline'", "'strict-dynamic'"
CONDITIONAL = "django.middleware.http.ConditionalGetMiddleware"
HASH = "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"


def home(request: HttpRequest) -> HttpResponse:
    """Return a page without a nonce."""
    return HttpResponse(PAGE)


def reads(request: HttpRequest) -> HttpResponse:
    """Return a page that contains the nonce."""
    nonce = request.csp_nonce if hasattr(request, "csp_nonce") else get_nonce(request)
    return HttpResponse(PAGE.replace("text", f"<i>{nonce}</i>"))


def own(request: HttpRequest) -> HttpResponse:
    """Return a page with a policy of its own."""
    return HttpResponse(PAGE, headers={ENFORCED: "script-src 'nonce-ownownown' 'self'"})


def data(request: HttpRequest) -> HttpResponse:
    """Return a response that is not a page."""
    return JsonResponse({})


def by_hand(request: HttpRequest) -> HttpResponse:
    """Return a page whose template places the tag."""
    return render(request, "by_hand.html")


PAGE_OF_ONE = {"script-src": [SELF, INLINE, NONCE]}
urlpatterns: list[Any] = [
    path("", home),
    path("part", lambda request: HttpResponse("<p>part of a page</p>")),
    path("reads", reads),
    path("own", own),
    path("data", data),
    path("by-hand", by_hand),
    path("csp/inline", csp(PAGE_OF_ONE)(home)),
    path("csp/update", csp_update({"script-src": [NONCE]})(home)),
    path("csp/exempt", csp_exempt()(home)),
]
if BUILT_IN is not None:
    own_policy = {"script-src": [SELF, INLINE, BUILT_IN.NONCE]}
    urlpatterns += [
        path("django/inline", csp_override(own_policy)(home)),
        path("django/update", csp_override({"script-src": [SELF, BUILT_IN.NONCE]})(home)),
        path("django/exempt", csp_override({})(home)),
    ]


class Policed:
    """A site with policies, by one of the two writers, before or after the detector."""

    def __init__(self, writer: str, first: str, use: Callable[..., None]) -> None:
        self.writer = writer
        self.first = first
        self.use = use
        self._path = {
            "django": "django.middleware.csp.ContentSecurityPolicyMiddleware",
            "csp": "csp.middleware.CSPMiddleware",
        }[writer]
        self.place(OURS)

    def place(self, ours: str, *inner: str) -> None:
        """Set the order of the middleware."""
        two = [ours, self._path] if self.first == "detector" else [self._path, ours]
        self.use(MIDDLEWARE=[*(m for m in two if m), *inner, COMMON])

    def write(self, enforced: Any = None, reported: Any = None) -> None:
        """Set the site's policies."""
        if self.writer == "csp":
            self.use(
                CONTENT_SECURITY_POLICY={"DIRECTIVES": enforced} if enforced else {},
                CONTENT_SECURITY_POLICY_REPORT_ONLY={"DIRECTIVES": reported} if reported else {},
            )
            return

        def filled(policy: Any) -> Any:
            return {
                name: [BUILT_IN.NONCE if s is NONCE else s for s in sources]
                for name, sources in (policy or {}).items()
            }

        self.use(SECURE_CSP=filled(enforced), SECURE_CSP_REPORT_ONLY=filled(reported))

    def get(self, url: str = "/") -> Any:
        """Request a page."""
        return Client(headers={"user-agent": FIREFOX}).get(url)

    def policies(self, url: str = "/") -> Headers:
        """Return the policies of a page, sorted."""
        return policies(self.get(url))

    def without(self, url: str = "/") -> Headers:
        """Return the policies that a page has without the detector."""
        self.place("")
        found = self.policies(url)
        self.place(OURS)
        return found


def policies(response: Any) -> Headers:
    """Return the policies of a response, sorted."""
    return [
        (name, "; ".join(sorted(part.strip() for part in response.headers[name].split(";"))))
        for name in (ENFORCED, REPORTED)
        if name in response.headers
    ]


def nonces(text: str) -> list[str]:
    """Return the nonces of a policy."""
    return re.findall(r"'nonce-([^']+)'", text)


def tags(response: Any) -> tuple[int, int, list[str]]:
    """Return the numbers of the detector's inline lines and scripts in a page, and their nonces."""
    page = response.content.decode()
    return (
        page.count(f">{tag.INLINE}</script>"),
        len(SCRIPT.findall(page)),
        re.findall(r'<script nonce="([^"]+)"', page),
    )
