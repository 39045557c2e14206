"""Policies change only by a nonce where it is valid, and no page gets a stale one."""

from __future__ import annotations

import re

import pytest
from csp.constants import NONCE

from tests.conftest import SECRET
from tests.django.nonce.policed import (
    CONDITIONAL,
    ENFORCED,
    INLINE,
    REPORTED,
    SELF,
    STRICT,
    Policed,
    nonces,
    tags,
)
from tests.support.django_site import OURS


def test_nothing_but_the_nonce_is_added(site: Policed) -> None:
    """Apart from the nonce the owner's policy is unchanged."""
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
    """If a nonce would disable 'unsafe-inline', or is useless, the policy is unchanged."""
    site.write(policy)
    assert tags(site.get()) == (inline, script, [])
    assert site.policies() == site.without()


def test_two_policies(site: Policed) -> None:
    """The nonce is in both policies or in neither; one that relies on 'unsafe-inline' decides."""
    site.write({"script-src": [SELF, NONCE]}, {"script-src": [NONCE]})
    response = site.get()
    [nonce] = nonces(response.headers[ENFORCED])
    assert nonces(response.headers[REPORTED]) == [nonce]
    assert tags(response) == (1, 1, [nonce, nonce])
    site.write({"script-src": [SELF, NONCE]}, {"style-src": [INLINE, NONCE]})
    assert tags(site.get()) == (0, 1, [])
    assert site.policies() == site.without()


def test_what_is_no_page_gets_no_nonce(site: Policed) -> None:
    """No nonce is generated for responses that are not tagged, nor while the detector is off."""
    site.write({"script-src": [SELF, NONCE]})
    assert site.policies("/data") == site.without("/data")
    site.use(DETECTOR={"secret": SECRET, "enabled": False})
    assert site.policies() == site.without()


def test_page_with_a_nonce_is_not_revalidated(site: Policed) -> None:
    """A 304 would pair a cached page with a new nonce, so such pages have no validator."""
    site.place(OURS, CONDITIONAL)
    site.write({"script-src": [SELF, NONCE]})
    assert "ETag" not in site.get().headers
    assert site.get("/part").headers["ETag"].startswith('"')
    site.write({"script-src": [SELF, INLINE]})
    assert site.get().headers["ETag"].startswith("W/")


def test_tag_by_hand(site: Policed) -> None:
    """The template tag reads the nonce as a template does."""
    site.write({"script-src": [SELF, NONCE]})
    response = site.get("/by-hand")
    assert tags(response) == (1, 1, nonces(response.headers[ENFORCED]) * 2)
    site.write({"script-src": [SELF, INLINE, NONCE]})
    assert tags(site.get("/by-hand")) == (1, 1, [])
    assert site.policies("/by-hand") == site.without("/by-hand")
    site.write({"script-src": ["'none'"]})
    assert tags(site.get("/by-hand")) == (0, 0, [])
