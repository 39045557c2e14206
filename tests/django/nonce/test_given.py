"""The tag takes the nonce of the page's policies, wherever they have one for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from csp.constants import NONCE
from django.http import HttpRequest, HttpResponse
from django.test import AsyncClient, Client, override_settings

from tests.conftest import FIREFOX, SECRET
from tests.django.nonce import policed
from tests.django.nonce.policed import (
    ENFORCED,
    HASH,
    INLINE,
    REPORTED,
    SELF,
    STRICT,
    Policed,
    nonces,
    tags,
)
from tests.support.django_site import OURS


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
        MIDDLEWARE=both, ROOT_URLCONF=policed.__name__, BASE_DIR=None, DETECTOR={"secret": SECRET}
    ):
        response = Client(headers={"user-agent": FIREFOX}).get("/")
    assert tags(response) == (1, 1, ["homehomehome"] * 2)
