"""Sites with policies, for each writer of policies and each order of the middleware."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from django.test import override_settings

from tests.conftest import SECRET
from tests.django.nonce import policed
from tests.django.nonce.policed import BUILT_IN, Policed


@pytest.fixture(params=["csp", "django"])
def writer(request: pytest.FixtureRequest) -> str:
    """Return each of the two writers of policies."""
    if request.param == "django" and BUILT_IN is None:
        pytest.skip("this Django has no policies of its own; 6.0 has, with Python 3.12")
    return str(request.param)


@pytest.fixture(params=["detector", "policy"])
def site(writer: str, request: pytest.FixtureRequest) -> Iterator[Policed]:
    """Yield a site for each writer, and for each order of the two middleware."""
    with ExitStack() as stack:

        def use(**options: Any) -> None:
            stack.enter_context(override_settings(**options))

        use(ROOT_URLCONF=policed.__name__, BASE_DIR=None, DETECTOR={"secret": SECRET})
        yield Policed(writer, request.param, use)
