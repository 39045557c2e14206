"""No policy loses or gains anything but a nonce where it fits, and no page gets an old one."""

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
