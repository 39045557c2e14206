"""Fixtures of the tests of Django's middleware: a site with its settings, and a visitor."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from django.test import Client, override_settings

from detector.core.site import Site
from detector.django import site as current_site
from tests.conftest import FIREFOX, SECRET

GZIP = "django.middleware.gzip.GZipMiddleware"
CONDITIONAL = "django.middleware.http.ConditionalGetMiddleware"
SESSIONS = "django.contrib.sessions.middleware.SessionMiddleware"
CSRF = "django.middleware.csrf.CsrfViewMiddleware"
Use = Callable[..., None]


@pytest.fixture
def use() -> Iterator[Use]:
    """Yield a function that changes settings until the test ends."""
    with ExitStack() as stack:
        yield lambda **options: stack.enter_context(override_settings(**options))


@pytest.fixture
def site(use: Use, tmp_path: Path) -> Site:
    """Return the site of this test, with counters in memory."""
    use(BASE_DIR=None, DETECTOR={"secret": SECRET + tmp_path.name})
    return current_site()


def visit(**options: Any) -> Client:
    """Return a visitor with Firefox."""
    return Client(headers={"user-agent": FIREFOX}, **options)


def body(response: Any) -> bytes:
    """Return the whole body."""
    return bytes(response.getvalue() if response.streaming else response.content)


def counted(site: Site, action: str) -> int:
    """Return how often an event was counted."""
    snapshot = site.counters.snapshot().items()
    return sum(n for key, n in snapshot if (key[2], key[5]) == ("all", action))
