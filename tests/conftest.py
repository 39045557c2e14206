"""Fixtures shared by several test files: a site with known secrets, and its visitors."""

from __future__ import annotations

import gc
import logging
import os
from collections.abc import Callable, Generator, Iterator
from typing import Any

import hypothesis
import pytest

from detector.core.config.loading import make_config
from detector.core.site import Site
from tests.support.doctoring import Doctor

SECRET = "a secret for tests, long enough"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"

# A busy machine fails no test by the time that an example takes.
hypothesis.settings.register_profile("patient", deadline=None)
hypothesis.settings.load_profile("patient")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Collect garbage neither while tests are collected, which live until the end, nor of them."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.fixture(scope="session", autouse=True)
def same_on_every_machine() -> Iterator[None]:
    """Remove DETECTOR_* variables of the developer's shell, and keep an old pool from warning.

    So no test fails when the shipped pool gets old.
    """
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("DETECTOR_")]:
            patch.delenv(name)
        patch.setattr("detector.core.baits.pool.FRESH_DAYS", 100_000)
        yield


@pytest.fixture(autouse=True)
def log_level_stays() -> Iterator[None]:
    """Fail a test that leaves the log at another level, so that later tests find it empty."""
    yield
    assert logging.getLogger("detector").level == logging.NOTSET


class Clock:
    """A clock that tests move by hand."""

    def __init__(self, now: float = 1_760_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        """Return the seconds since 1970."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    """Return a clock that stands still until moved."""
    return Clock()


@pytest.fixture
def make_site(clock: Clock) -> Callable[..., Site]:
    """Return a factory of sites that keep their counters in memory."""

    def make(**options: Any) -> Site:
        return Site(make_config(**{"secret": SECRET, **options}), clock)

    return make


@pytest.fixture
def doctor(capsys: pytest.CaptureFixture[str]) -> Doctor:
    """Return the command `detector doctor` as a function."""
    return Doctor(capsys)


@pytest.fixture
def site(make_site: Callable[..., Site]) -> Site:
    """Return a site with default options."""
    return make_site()
