"""The secret that an app's own is derived into."""

from __future__ import annotations

import pytest

from detector.core.secret import derived

DERIVED = "2106ae254eb4829678381b303af5f6e770f8efcbba0ff874da0fd35da65d62ba"


@pytest.mark.parametrize("key", ["the app secret key", b"the app secret key"])
def test_a_key_makes_the_secret_of_earlier_releases(key: str | bytes) -> None:
    """Another would change all names and tokens of a site, which cached pages have."""
    assert derived(key) == DERIVED


@pytest.mark.parametrize("key", ["", b"", None])
def test_without_a_key(key: str | bytes | None) -> None:
    """An app without a key has no secret either."""
    assert derived(key) == ""
