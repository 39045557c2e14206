"""Policies in Django: the tag takes the nonce of the page, and no policy loses anything."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from csp.constants import NONCE
from csp.decorators import csp, csp_exempt, csp_update
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.test import AsyncClient, Client, override_settings
from django.urls import path

from detector.page import tag
from detector.page.headers import Headers
from tests.conftest import FIREFOX, SECRET
from tests.django_site import COMMON, OURS, PAGE
from tests.tags import SCRIPT

try:
    from django.middleware.csp import get_nonce
    from django.utils.csp import CSP as BUILT_IN
    from django.views.decorators.csp import csp_override
except ImportError:
    BUILT_IN = None

ENFORCED, REPORTED = "Content-Security-Policy", "Content-Security-Policy-Report-Only"
SELF, INLINE, STRICT = "'self'", "'unsafe-inline'", "'strict-dynamic'"
CONDITIONAL = "django.middleware.http.ConditionalGetMiddleware"
HASH = "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"


def home(request: HttpRequest) -> HttpResponse:
    """Give a page that reads no nonce."""
    return HttpResponse(PAGE)


def reads(request: HttpRequest) -> HttpResponse:
    """Give a page with the nonce in it."""
    nonce = request.csp_nonce if hasattr(request, "csp_nonce") else get_nonce(request)
    return HttpResponse(PAGE.replace("text", f"<i>{nonce}</i>"))


def own(request: HttpRequest) -> HttpResponse:
    """Give a page with a policy of its own."""
    return HttpResponse(PAGE, headers={ENFORCED: "script-src 'nonce-ownownown' 'self'"})


def data(request: HttpRequest) -> HttpResponse:
    """Give what is no page."""
    return JsonResponse({})


def by_hand(request: HttpRequest) -> HttpResponse:
    """Give a page whose template places the tag."""
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
    """A site with policies, by one of the two writers, before or behind the detector."""

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
        """Set the order of the middlewares."""
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
        """Visit a page."""
        return Client(headers={"user-agent": FIREFOX}).get(url)

    def policies(self, url: str = "/") -> Headers:
        """Give the policies of a page, in one order."""
        return policies(self.get(url))

    def without(self, url: str = "/") -> Headers:
        """Give the policies that a page has without the detector."""
        self.place("")
        found = self.policies(url)
        self.place(OURS)
        return found


@pytest.fixture(params=["csp", "django"])
def writer(request: pytest.FixtureRequest) -> str:
    """Give each of the two writers of policies."""
    if request.param == "django" and BUILT_IN is None:
        pytest.skip("this Django has no policies of its own; 6.0 has, with Python 3.12")
    return str(request.param)


@pytest.fixture(params=["detector", "policy"])
def site(writer: str, request: pytest.FixtureRequest) -> Iterator[Policed]:
    """Give a site for each writer, and for each order of the two middlewares."""
    with ExitStack() as stack:

        def use(**options: Any) -> None:
            stack.enter_context(override_settings(**options))

        use(ROOT_URLCONF=__name__, BASE_DIR=None, DETECTOR={"secret": SECRET})
        yield Policed(writer, request.param, use)


def policies(response: Any) -> Headers:
    """Give the policies of a response, in one order."""
    return [
        (name, "; ".join(sorted(part.strip() for part in response.headers[name].split(";"))))
        for name in (ENFORCED, REPORTED)
        if name in response.headers
    ]


def nonces(text: str) -> list[str]:
    """Give the nonces of a policy."""
    return re.findall(r"'nonce-([^']+)'", text)


def tags(response: Any) -> tuple[int, int, list[str]]:
    """Say how many inline lines and scripts of ours a page has, and the nonces of both."""
    page = response.content.decode()
    return (
        page.count(f">{tag.INLINE}</script>"),
        len(SCRIPT.findall(page)),
        re.findall(r'<script nonce="([^"]+)"', page),
    )


@pytest.mark.parametrize(
    "sources",
    [
        [SELF, NONCE],
        [NONCE],
        [NONCE, STRICT],
        [NONCE, STRICT, INLINE, "https:"],
        [SELF, NONCE, INLINE, HASH],
    ],
)
def test_nonce_that_nobody_read(site: Policed, sources: list[str]) -> None:
    """Where the policy has a place for a nonce, the tag and the header carry the same one."""
    site.write({"script-src": sources})
    one, two = site.get(), site.get()
    assert tags(one) == (1, 1, nonces(one.headers[ENFORCED]) * 2)
    assert nonces(one.headers[ENFORCED]) != nonces(two.headers[ENFORCED])


def test_nothing_but_the_nonce_is_added(site: Policed) -> None:
    """Apart from the nonce the policy is the owner's, word for word."""
    site.write({"default-src": [SELF], "script-src": [SELF, NONCE], "img-src": ["https:"]})
    [(_, found)] = site.policies()
    [(_, plain)] = site.without("/reads")
    assert re.sub("'nonce-[^']+'", "N", found) == re.sub("'nonce-[^']+'", "N", plain)


@pytest.mark.parametrize(
    ("policy", "inline", "script"),
    [
        ({"script-src": [SELF, INLINE, NONCE]}, 1, 1),
        ({"default-src": [SELF, INLINE, NONCE]}, 1, 1),
        ({"script-src": [SELF, NONCE], "style-src": [SELF, INLINE, NONCE]}, 0, 1),
        ({"script-src": [SELF, NONCE], "style-src": [STRICT, INLINE, NONCE]}, 0, 1),
        ({"script-src": [SELF]}, 0, 1),
        ({"script-src": ["'none'"]}, 0, 0),
        ({"style-src": [SELF, NONCE], "script-src": [SELF, INLINE]}, 1, 1),
    ],
)
def test_no_nonce_is_forced(
    site: Policed, policy: dict[str, list[str]], inline: int, script: int
) -> None:
    """Where a nonce would void an 'unsafe-inline', or is of no use, the policy stays as it is."""
    site.write(policy)
    assert tags(site.get()) == (inline, script, [])
    assert site.policies() == site.without()


def test_nonce_that_the_page_reads(site: Policed) -> None:
    """A nonce that the page has read itself is the tag's too, in every policy."""
    site.write({"script-src": [SELF, INLINE, NONCE]})
    response = site.get("/reads")
    [nonce] = nonces(response.headers[ENFORCED])
    assert tags(response) == (1, 1, [nonce, nonce])
    assert f"<i>{nonce}</i>" in response.content.decode()


def test_report_only(site: Policed) -> None:
    """A policy on trial alone gets its nonce, so that the tag makes no reports."""
    site.write(None, {"script-src": [SELF, NONCE]})
    response = site.get()
    assert ENFORCED not in response.headers
    assert tags(response) == (1, 1, nonces(response.headers[REPORTED]) * 2)


def test_two_policies(site: Policed) -> None:
    """The nonce is in both policies or in none; one that lives by 'unsafe-inline' decides."""
    site.write({"script-src": [SELF, NONCE]}, {"script-src": [NONCE]})
    response = site.get()
    [nonce] = nonces(response.headers[ENFORCED])
    assert nonces(response.headers[REPORTED]) == [nonce]
    assert tags(response) == (1, 1, [nonce, nonce])
    site.write({"script-src": [SELF, NONCE]}, {"style-src": [INLINE, NONCE]})
    assert tags(site.get()) == (0, 1, [])
    assert site.policies() == site.without()


def test_policies_of_single_views(site: Policed) -> None:
    """A view's own policy decides for its page."""
    site.write({"script-src": [SELF, NONCE]})
    url = f"/{site.writer}/"
    assert tags(site.get(url + "inline")) == (1, 1, [])
    assert site.policies(url + "inline") == site.without(url + "inline")
    site.write({"script-src": [SELF]})
    updated = site.get(url + "update")
    assert tags(updated) == (1, 1, nonces(updated.headers[ENFORCED]) * 2)
    exempt = site.get(url + "exempt")
    assert ENFORCED not in exempt.headers
    assert tags(exempt)[1] == 1


def test_policy_set_by_the_view(site: Policed) -> None:
    """A header that the view wrote stays, and its nonce is taken."""
    site.write({"script-src": [SELF, NONCE]})
    response = site.get("/own")
    assert response.headers[ENFORCED] == "script-src 'nonce-ownownown' 'self'"
    assert tags(response) == (1, 1, ["ownownown"] * 2)


def test_what_is_no_page_gets_no_nonce(site: Policed) -> None:
    """No nonce is made for what is not tagged, nor while the detector is off."""
    site.write({"script-src": [SELF, NONCE]})
    assert site.policies("/data") == site.without("/data")
    site.use(DETECTOR={"secret": SECRET, "enabled": False})
    assert site.policies() == site.without()


def test_page_with_a_nonce_is_not_revalidated(site: Policed) -> None:
    """A 304 would bring a new nonce to a page with the old one, so such pages have no validator."""
    site.place(OURS, CONDITIONAL)
    site.write({"script-src": [SELF, NONCE]})
    assert "ETag" not in site.get().headers
    assert site.get("/part").headers["ETag"].startswith('"')
    site.write({"script-src": [SELF, INLINE]})
    assert site.get().headers["ETag"].startswith("W/")


def test_tag_by_hand(site: Policed) -> None:
    """The template tag reads the nonce as a template would."""
    site.write({"script-src": [SELF, NONCE]})
    response = site.get("/by-hand")
    assert tags(response) == (1, 1, nonces(response.headers[ENFORCED]) * 2)
    site.write({"script-src": [SELF, INLINE, NONCE]})
    assert tags(site.get("/by-hand")) == (1, 1, [])
    assert site.policies("/by-hand") == site.without("/by-hand")
    site.write({"script-src": ["'none'"]})
    assert tags(site.get("/by-hand")) == (0, 0, [])


def test_async(site: Policed) -> None:
    """The same holds under an async handler."""
    site.write({"script-src": [SELF, NONCE]})
    response = asyncio.run(AsyncClient(headers={"user-agent": FIREFOX}).get("/"))
    assert tags(response) == (1, 1, nonces(response.headers[ENFORCED]) * 2)


class HomeMade:
    """A middleware of the site's own, as many sites have one: a nonce as plain text."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer one request."""
        request.csp_nonce = "homehomehome"
        response = self.get_response(request)
        response.headers[ENFORCED] = "script-src 'nonce-homehomehome'"
        return response


@pytest.mark.parametrize("order", [1, -1])
def test_home_made_nonce(order: int) -> None:
    """A nonce that a site makes itself is taken, before and behind us."""
    both = [OURS, f"{__name__}.HomeMade"][::order]
    with override_settings(
        MIDDLEWARE=both, ROOT_URLCONF=__name__, BASE_DIR=None, DETECTOR={"secret": SECRET}
    ):
        response = Client(headers={"user-agent": FIREFOX}).get("/")
    assert tags(response) == (1, 1, ["homehomehome"] * 2)
